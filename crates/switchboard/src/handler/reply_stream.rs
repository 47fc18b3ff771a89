//! An answer that is sent while it is produced.

use super::Reply;
use crate::error::Error;
#[cfg(feature = "http")]
use crate::event::api_gateway::{HttpReply, HttpStream, finish};
use crate::event::pieces::Pieces;
use futures_util::StreamExt as _;
use std::fmt;

/// An answer that is sent while it is produced.
pub(crate) enum ReplyStream {
    /// To an HTTP request: status and headers, then the body.
    #[cfg(feature = "http")]
    Http(Box<HttpStream>),
    /// Bytes of the application's own.
    Bytes(Pieces<Error>),
}

impl fmt::Debug for ReplyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "http")]
            Self::Http(stream) => stream.fmt(f),
            Self::Bytes(_) => f.write_str("Bytes"),
        }
    }
}

impl Reply {
    /// The answer's bytes, where nobody takes them one by one: a stream is read to its end.
    ///
    /// # Errors
    /// The stream ends with an error, or the answer cannot be serialized.
    pub(crate) async fn collected(self) -> Result<Vec<u8>, Error> {
        match self.into_stream() {
            Err(reply) => reply.into_bytes().map_err(Error::reply),
            Ok(ReplyStream::Bytes(pieces)) => whole(pieces).await,
            #[cfg(feature = "http")]
            Ok(ReplyStream::Http(stream)) => http(*stream).await,
        }
    }
}

async fn whole(mut pieces: Pieces<Error>) -> Result<Vec<u8>, Error> {
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece?);
    }
    Ok(whole)
}

#[cfg(feature = "http")]
async fn http(stream: HttpStream) -> Result<Vec<u8>, Error> {
    let source = stream.source;
    let (parts, body) = stream.response.into_parts();
    let body = http_body_util::Full::new(bytes::Bytes::from(whole(body).await?));
    match finish(http::Response::from_parts(parts, body), false, usize::MAX).await {
        Ok(response) => {
            let reply = Reply::http(HttpReply::new(source, true, response));
            reply.into_bytes().map_err(Error::reply)
        }
        Err(invalid) => Err(Error::stream_failed(None, invalid.to_string())),
    }
}
