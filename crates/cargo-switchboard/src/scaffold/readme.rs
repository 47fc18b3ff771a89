//! `README.md` of a new function.

use super::known::SourceTemplate;

pub(super) fn readme(name: &str, sources: &[&SourceTemplate]) -> String {
    let alone = sources.iter().all(|known| known.module == sources[0].module);
    let rows: String = sources
        .iter()
        .map(|known| {
            let file = if alone { "main" } else { known.module };
            let source = known.source;
            format!(
                "| {} | `src/{file}.rs` | `events/{source}/{}` |\n",
                known.what, known.sample.0
            )
        })
        .collect();
    format!(
        "# {name}

A Lambda function, built with [Switchboard](https://github.com/switchboard-rs/switchboard).

| it handles | handler | sample |
|---|---|---|
{rows}
On your machine:

```console
$ cargo test                                # the handlers alone, then the binary with every sample
$ cargo switchboard run --watch             # serve it on http://127.0.0.1:9000, and build again on a change
$ cargo switchboard invoke events/*/*.json  # send the samples
```

To AWS, with cargo-lambda and SAM (`pip install cargo-lambda ziglang aws-sam-cli`):

```console
$ cargo switchboard doctor                  # what in template.yaml would lose events?
$ sam build
$ sam deploy --guided
```

`cargo lambda deploy` deploys the code alone, without the triggers in `template.yaml`.
"
    )
}
