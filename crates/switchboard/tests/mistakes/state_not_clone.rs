//! A state that cannot be cloned.
//~ the trait bound `App: Clone` is not satisfied

use switchboard::Router;

struct App;

fn main() {
    let _ = Router::new(App);
}
