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
    use super::*;

    #[tokio::test]
    async fn the_name_is_greeted() {
        assert_eq!(hello(Path("Ada".to_owned())).await, "hello, Ada\n");
    }
}
