use axum::extract::Path;
use axum::routing::get;

/// The HTTP API: an ordinary axum router.
pub fn api() -> axum::Router {
    axum::Router::new().route("/hello/{name}", get(hello))
}

async fn hello(Path(name): Path<String>) -> String {
    tracing::info!(name, "somebody says hello");
    format!("hello, {name}\n")
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use switchboard::testing::Http;

    #[tokio::test]
    async fn the_name_is_greeted() {
        let delivered = router(App).deliver(Http::get("/hello/Ada")).await;
        assert_eq!(delivered.status(), 200);
        assert_eq!(delivered.body(), b"hello, Ada\n");
    }
}
