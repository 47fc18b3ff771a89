use serde::Deserialize;
use switchboard::{Context, Failure, Json};

#[derive(Deserialize)]
pub struct Parcel {
    parcel: String,
    depot: String,
}

/// Called with each event's detail. After an error the event is delivered again.
pub async fn on_parcel(Json(parcel): Json<Parcel>, _cx: Context<App>) -> Result<(), Failure> {
    tracing::info!(parcel.parcel, parcel.depot, "a parcel has moved");
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use serde_json::json;
    use switchboard::testing::EventBridge;

    #[tokio::test]
    async fn a_detail_of_another_kind_is_an_error() {
        let event = |detail| EventBridge::event("com.example.warehouse", "Parcel Arrived", &detail);
        let parcel = event(json!({"parcel": "PX-20931", "depot": "Leipzig"}));
        router(App).deliver(parcel).await.assert_done();
        let other = event(json!({"parcel": "PX-20931"}));
        assert!(router(App).deliver(other).await.error().is_some());
    }
}
