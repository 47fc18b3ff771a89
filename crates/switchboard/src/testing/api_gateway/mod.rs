//! HTTP requests, as API Gateway, function URLs, load balancers and VPC Lattice hand them to functions.

mod http;
mod http_api;
mod other;
mod parts;
mod rest_api;
mod websocket;

pub use http::Http;
pub use websocket::WebSocket;
