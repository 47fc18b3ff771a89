//! Sources by the names that people type.

use switchboard::source::Source;

/// How alike two names are if one is a misspelling of the other, from 0 to 1.
const ALIKE: f64 = 0.8;

/// One of these sources by its name, or by its other name (`eventbridge`, `http`, `rest`, `firehose`, `logs`), in any case.
///
/// # Errors
/// None of them has this name; the message has the names it may mean.
pub(super) fn source(name: &str, sources: impl Iterator<Item = Source>) -> Result<Source, String> {
    let name = name.trim().to_ascii_lowercase().replace('-', "_");
    let sources: Vec<Source> = sources.collect();
    let known = name.parse().ok().filter(|source| sources.contains(source));
    known.ok_or_else(|| unknown(&name, &sources))
}

fn unknown(name: &str, sources: &[Source]) -> String {
    let names = |source: &Source| std::iter::once(source.as_str()).chain(source.alias());
    let within =
        |other: &str| name.len() > 1 && (other.contains(name) || (other.len() > 3 && name.contains(other)));
    let near =
        |source: &&Source| names(source).any(|other| within(other) || strsim::jaro(other, name) > ALIKE);
    let list = |sources: &mut dyn Iterator<Item = &Source>| {
        let names: Vec<&str> = sources.map(|source| source.as_str()).collect();
        names.join(", ")
    };
    match list(&mut sources.iter().filter(near)) {
        near if near.is_empty() => {
            format!("no source has this name; there are {}", list(&mut sources.iter()))
        }
        near => format!("no source has this name; did you mean {near}?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_its_name_and_another_in_any_case() {
        for known in Source::ALL {
            assert_eq!(
                source(&known.as_str().to_uppercase(), Source::ALL.iter().copied()),
                Ok(*known)
            );
        }
        for (name, known) in [
            ("EventBridge", Source::CloudwatchEvents),
            ("http", Source::ApiGatewayHttp),
            ("REST", Source::ApiGatewayRest),
            ("firehose", Source::KinesisFirehose),
            ("logs", Source::CloudwatchLogs),
            ("api-gateway-http", Source::ApiGatewayHttp),
        ] {
            assert_eq!(source(name, Source::ALL.iter().copied()), Ok(known));
        }
    }

    #[test]
    fn a_misspelt_name_is_answered_with_those_it_may_mean() {
        let error =
            |name| source(name, [Source::Sqs, Source::Kinesis, Source::Dynamodb].into_iter()).unwrap_err();
        assert_eq!(error("kineses"), "no source has this name; did you mean kinesis?");
        assert_eq!(error("dynamo"), "no source has this name; did you mean dynamodb?");
        assert_eq!(
            error("s3"),
            "no source has this name; there are sqs, kinesis, dynamodb"
        );
    }
}
