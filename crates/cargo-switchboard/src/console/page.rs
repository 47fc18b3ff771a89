//! The files of the web page, built from `console/` by `make console`.

use bytes::Bytes;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};

/// A file with its type.
struct PageFile {
    path: &'static str,
    kind: &'static str,
    content: &'static [u8],
}

const FILES: [PageFile; 3] = [
    PageFile {
        path: "/",
        kind: "text/html; charset=utf-8",
        content: include_bytes!("../../console/dist/index.html"),
    },
    PageFile {
        path: "/console.js",
        kind: "text/javascript; charset=utf-8",
        content: include_bytes!("../../console/dist/console.js"),
    },
    PageFile {
        path: "/console.css",
        kind: "text/css; charset=utf-8",
        content: include_bytes!("../../console/dist/console.css"),
    },
];

/// The file at this path, if there is one.
pub(super) fn file(path: &str) -> Option<Response<Bytes>> {
    let file = FILES.iter().find(|file| file.path == path)?;
    let mut response = Response::new(Bytes::from_static(file.content));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.kind));
    // Another version of this program may serve the same address tomorrow.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        let index = file("/").unwrap().into_body();
        let index = std::str::from_utf8(&index).unwrap();
        for file in &FILES[1..] {
            assert!(index.contains(file.path), "{}", file.path);
        }
        for file in FILES {
            let text = std::str::from_utf8(file.content).unwrap();
            for outside in ["src=\"http", "href=\"http", "url(http", "@import", "import("] {
                assert!(!text.contains(outside), "{} has {outside}", file.path);
            }
        }
        assert!(file("/other").is_none());
    }
}
