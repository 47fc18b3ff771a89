//! At least one payload of the documented shape for each source, and the ones that are easily mistaken.

use super::{Cut, Source, detect, records};

/// Short payloads of each source, as its documents have them; the first is the whole shape, the further ones leave
/// out what people leave out.
const SHAPES: &[(Source, &[&str])] = &[
    (
        Source::S3,
        &[
            r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}"#,
            r#"{"Records":[{"s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}"#,
        ],
    ),
    (
        Source::S3Test,
        &[r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2014-10-13T15:57:02.089Z","Bucket":"b"}"#],
    ),
    (
        Source::S3Batch,
        &[
            r#"{"invocationSchemaVersion":"1.0","invocationId":"i","job":{"id":"j"},"tasks":[{"taskId":"t","s3Key":"k"}]}"#,
            r#"{"invocationSchemaVersion":"2.0","invocationId":"i","job":{"id":"j","userArguments":{}},"tasks":[{"taskId":"t"}]}"#,
        ],
    ),
    (
        Source::S3ObjectLambda,
        &[
            r#"{"xAmzRequestId":"r","getObjectContext":{"inputS3Url":"https://x","outputRoute":"o","outputToken":"t"},"userRequest":{"url":"u","headers":{}}}"#,
            r#"{"xAmzRequestId":"r","listObjectsV2Context":{"inputS3Url":"https://x"},"userRequest":{}}"#,
        ],
    ),
    (
        Source::ApiGatewayRest,
        &[
            r#"{"resource":"/{proxy+}","path":"/a","httpMethod":"GET","headers":{},"requestContext":{"resourceId":"x","stage":"prod","httpMethod":"GET"},"body":null,"isBase64Encoded":false}"#,
            r#"{"version":"1.0","resource":"/a","path":"/a","httpMethod":"POST","requestContext":{"accountId":"1"},"body":"{}"}"#,
            r#"{"httpMethod":"GET","path":"/a","requestContext":{"connectionId":"c"}}"#,
            r#"{"httpMethod":"GET","resource":"/a"}"#,
        ],
    ),
    (
        Source::ApiGatewayHttp,
        &[
            r#"{"version":"2.0","routeKey":"GET /a","rawPath":"/a","headers":{},"requestContext":{"domainName":"id.execute-api.us-east-1.amazonaws.com","http":{"method":"GET","path":"/a"},"routeKey":"GET /a"},"isBase64Encoded":false}"#,
            r#"{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}},"body":"x"}"#,
            r#"{"rawPath":"/","requestContext":{"http":{"method":"GET"}}}"#,
        ],
    ),
    (
        Source::ApiGatewayWebsocket,
        &[
            r#"{"headers":{},"requestContext":{"routeKey":"$connect","eventType":"CONNECT","connectionId":"c","domainName":"d"},"isBase64Encoded":false}"#,
            r#"{"resource":"/","path":"/","httpMethod":"GET","requestContext":{"routeKey":"sendMessage","connectionId":"c"},"body":"hi"}"#,
        ],
    ),
    (
        Source::ApiGatewayAuthorizerToken,
        &[
            r#"{"type":"TOKEN","authorizationToken":"t","methodArn":"arn:aws:execute-api:us-east-1:1:a/p/GET/"}"#,
            r#"{"authorizationToken":"t","methodArn":"arn:aws:execute-api:us-east-1:1:a/p/GET/"}"#,
        ],
    ),
    (
        Source::ApiGatewayAuthorizerRequest,
        &[
            r#"{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:1:a/p/GET/","resource":"/a","path":"/a","httpMethod":"GET","headers":{},"requestContext":{"stage":"p"}}"#,
        ],
    ),
    (
        Source::ApiGatewayAuthorizerHttp,
        &[
            r#"{"version":"2.0","type":"REQUEST","routeArn":"arn:aws:execute-api:us-east-1:1:a/p/GET/","identitySource":["u"],"routeKey":"$default","rawPath":"/","requestContext":{"http":{"method":"GET"}}}"#,
            r#"{"version":"1.0","type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:1:a/p/GET/","identitySource":"u","authorizationToken":"u","resource":"/","path":"/","httpMethod":"GET","requestContext":{"stage":"p"}}"#,
        ],
    ),
    (
        Source::ApiGatewayAuthorizerWebsocket,
        &[
            r#"{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:1:a/p/$connect","headers":{},"requestContext":{"routeKey":"$connect","eventType":"CONNECT","connectionId":"c"}}"#,
        ],
    ),
    (
        Source::FunctionUrl,
        &[
            r#"{"version":"2.0","routeKey":"$default","rawPath":"/","requestContext":{"domainName":"abc.lambda-url.us-west-2.on.aws","http":{"method":"GET"}},"isBase64Encoded":false}"#,
        ],
    ),
    (
        Source::Alb,
        &[
            r#"{"requestContext":{"elb":{"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/t/1"}},"httpMethod":"GET","path":"/","headers":{},"body":""}"#,
        ],
    ),
    (
        Source::VpcLatticeV1,
        &[
            r#"{"raw_path":"/a","method":"GET","headers":{},"query_string_parameters":{},"body":"","is_base64_encoded":false}"#,
        ],
    ),
    (
        Source::VpcLatticeV2,
        &[
            r#"{"version":"2.0","path":"/","method":"GET","headers":{},"body":"x","requestContext":{"serviceNetworkArn":"arn:aws:vpc-lattice:x","serviceArn":"s","targetGroupArn":"t","region":"r"}}"#,
        ],
    ),
    (
        Source::Dynamodb,
        &[
            r#"{"Records":[{"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{"Keys":{"Id":{"N":"1"}}}}]}"#,
            r#"{"Records":[{"eventName":"REMOVE","dynamodb":{"OldImage":{"Id":{"N":"1"}}}}]}"#,
            r#"[{"eventID":"1","eventSource":"aws:dynamodb","dynamodb":{}}]"#,
        ],
    ),
    (
        Source::DynamodbWindow,
        &[
            r#"{"Records":[{"eventSource":"aws:dynamodb","dynamodb":{}}],"window":{"start":"s","end":"e"},"state":{"1":"x"},"shardId":"s","isFinalInvokeForWindow":false}"#,
            r#"{"Records":[],"window":{"start":"s","end":"e"},"eventSourceARN":"arn:aws:dynamodb:us-east-1:1:table/t/stream/s","isFinalInvokeForWindow":true}"#,
        ],
    ),
    (
        Source::Kinesis,
        &[
            r#"{"Records":[{"kinesis":{"data":"SGk="},"eventSource":"aws:kinesis","eventSourceARN":"arn:aws:kinesis:us-east-1:1:stream/s"}]}"#,
            r#"{"Records":[{"kinesis":{"data":"SGk="}}]}"#,
            r#"[{"partitionKey":"1","data":"SGk=","eventSource":"aws:kinesis"}]"#,
        ],
    ),
    (
        Source::KinesisWindow,
        &[
            r#"{"window":{"start":"s","end":"e"},"state":{},"Records":[{"kinesis":{"data":"SGk="},"eventSource":"aws:kinesis"}]}"#,
            r#"{"Records":[{"kinesis":{"data":"SGk="},"eventSource":"aws:kinesis"}],"isFinalInvokeForWindow":true}"#,
        ],
    ),
    (
        Source::KinesisFirehose,
        &[
            r#"{"invocationId":"i","deliveryStreamArn":"arn:aws:firehose:x","region":"r","records":[{"recordId":"1","data":"SGk="}]}"#,
            r#"{"invocationId":"i","records":[{"recordId":"1","data":"SGk="}]}"#,
        ],
    ),
    (
        Source::KinesisAnalytics,
        &[
            r#"{"invocationId":"i","applicationArn":"arn:aws:kinesisanalytics:x","streamArn":"arn:aws:kinesis:x","records":[{"recordId":"1","data":"SGk="}]}"#,
        ],
    ),
    (
        Source::CloudwatchEvents,
        &[
            r#"{"version":"0","id":"i","detail-type":"Scheduled Event","source":"aws.events","account":"1","time":"t","region":"r","resources":[],"detail":{}}"#,
            r#"{"detail":{"Records":[{"eventSource":"aws:s3"}],"requestContext":{"elb":{}}},"detail-type":"x","source":"my.app","version":0}"#,
            r#"{"detail-type":"x","source":"aws.cloudwatch","alarmData":{}}"#,
            r#"{"source":"my.app","detailType":"x","detail":{}}"#,
        ],
    ),
    (
        Source::CloudwatchLogs,
        &[r#"{"awslogs":{"data":"H4sIAAAAAAAA"}}"#],
    ),
    (
        Source::CloudwatchAlarm,
        &[
            r#"{"source":"aws.cloudwatch","alarmArn":"arn:aws:cloudwatch:x","accountId":"1","alarmData":{"alarmName":"a"}}"#,
        ],
    ),
    (
        Source::Sqs,
        &[
            r#"{"Records":[{"messageId":"m","receiptHandle":"r","body":"b","eventSource":"aws:sqs"}]}"#,
            r#"{"Records":[{"messageId":"m","receiptHandle":"r","body":"b"}]}"#,
            r#"[{"messageId":"m","body":"b","eventSource":"aws:sqs"}]"#,
        ],
    ),
    (
        Source::Sns,
        &[
            r#"{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","Sns":{"Type":"Notification","Message":"m"}}]}"#,
            r#"{"Records":[{"Sns":{"Message":"m"}}]}"#,
        ],
    ),
    (
        Source::Ses,
        &[r#"{"Records":[{"eventVersion":"1.0","ses":{"mail":{},"receipt":{}},"eventSource":"aws:ses"}]}"#],
    ),
    (
        Source::Kafka,
        &[
            r#"{"eventSource":"aws:kafka","eventSourceArn":"arn:aws:kafka:x","records":{"t-0":[{"topic":"t","partition":0,"offset":1}]}}"#,
            r#"{"eventSource":"SelfManagedKafka","bootstrapServers":"b","records":{"t-0":[]}}"#,
            r#"{"records":{"t-0":[{"topic":"t","partition":0,"offset":1,"value":"SGk="}]}}"#,
            r#"[{"topic":"t","eventSource":"SelfManagedKafka","eventSourceKey":"t-0"}]"#,
        ],
    ),
    (
        Source::Activemq,
        &[
            r#"{"eventSource":"aws:mq","eventSourceArn":"arn:aws:mq:x","messages":[{"messageID":"m","data":"SGk="}]}"#,
            r#"{"eventSource":"aws:amq","messages":[]}"#,
        ],
    ),
    (
        Source::Rabbitmq,
        &[
            r#"{"eventSource":"aws:rmq","eventSourceArn":"arn:aws:mq:x","rmqMessagesByQueue":{"q::/":[{"data":"SGk="}]}}"#,
        ],
    ),
    (
        Source::Documentdb,
        &[r#"{"eventSourceArn":"arn:aws:rds:x","events":[{"event":{}}],"eventSource":"aws:docdb"}"#],
    ),
    (
        Source::Cognito,
        &[
            r#"{"version":"1","triggerSource":"PreSignUp_SignUp","region":"r","userPoolId":"p","userName":"u","callerContext":{},"request":{"userAttributes":{}},"response":{}}"#,
            r#"{"request":{"userAttributes":{"email":"e"}},"response":{}}"#,
        ],
    ),
    (
        Source::CognitoSync,
        &[
            r#"{"version":2,"eventType":"SyncTrigger","identityPoolId":"p","identityId":"i","datasetName":"d","datasetRecords":{}}"#,
        ],
    ),
    (
        Source::Cloudfront,
        &[
            r#"{"Records":[{"cf":{"config":{"eventType":"viewer-request"},"request":{"uri":"/"}}}]}"#,
            r#"{"Records":[{"cf":{"request":{"uri":"/"}}}]}"#,
        ],
    ),
    (
        Source::Cloudformation,
        &[
            r#"{"RequestType":"Create","ResponseURL":"u","StackId":"s","RequestId":"r","ResourceType":"Custom::X","LogicalResourceId":"l","ResourceProperties":{}}"#,
            r#"{"RequestType":"Delete","ResourceProperties":{}}"#,
        ],
    ),
    (
        Source::Codecommit,
        &[r#"{"Records":[{"awsRegion":"r","codecommit":{"references":[]},"eventSource":"aws:codecommit"}]}"#],
    ),
    (
        Source::Codepipeline,
        &[r#"{"CodePipeline.job":{"id":"j","accountId":"1","data":{}}}"#],
    ),
    (
        Source::Codedeploy,
        &[r#"{"DeploymentId":"d","LifecycleEventHookExecutionId":"l"}"#],
    ),
    (
        Source::Config,
        &[
            r#"{"version":"1.0","invokingEvent":"{}","ruleParameters":"{}","resultToken":"t","configRuleArn":"a","configRuleName":"n","accountId":"1"}"#,
        ],
    ),
    (
        Source::LexV1,
        &[
            r#"{"currentIntent":{"name":"n"},"bot":{"name":"b"},"userId":"u","invocationSource":"DialogCodeHook","messageVersion":"1.0"}"#,
        ],
    ),
    (
        Source::LexV2,
        &[
            r#"{"messageVersion":"1.0","invocationSource":"DialogCodeHook","bot":{"id":"b"},"interpretations":[],"sessionState":{"intent":{}}}"#,
        ],
    ),
    (
        Source::Connect,
        &[r#"{"Name":"ContactFlowEvent","Details":{"ContactData":{"ContactId":"c"},"Parameters":{}}}"#],
    ),
    (
        Source::IotButton,
        &[
            r#"{"serialNumber":"G030","clickType":"SINGLE","batteryVoltage":"2000 mV"}"#,
            r#"{"deviceInfo":{"deviceId":"d"},"deviceEvent":{"buttonClicked":{"clickType":"SINGLE"}},"placementInfo":{}}"#,
        ],
    ),
    (
        Source::IotCustomAuth,
        &[
            r#"{"token":"t","signatureVerified":true,"protocols":["tls","mqtt"],"protocolData":{"mqtt":{"username":"u"}},"connectionMetadata":{"id":"i"}}"#,
        ],
    ),
    (
        Source::AppsyncResolver,
        &[
            r#"{"arguments":{"id":"1"},"identity":null,"source":null,"request":{"headers":{}},"prev":null,"info":{"fieldName":"getPost","parentTypeName":"Query"},"stash":{}}"#,
            r#"{"typeName":"Query","fieldName":"getPost","arguments":{},"identity":{},"source":{}}"#,
            r#"{"version":"2018-05-29","operation":"Invoke","payload":{"field":"getPost"}}"#,
        ],
    ),
    (
        Source::AppsyncBatch,
        &[
            r#"[{"arguments":{},"source":{"id":"1"},"info":{"fieldName":"owner","parentTypeName":"Post"}}]"#,
            r#"[{"typeName":"Post","fieldName":"owner","arguments":{}}]"#,
        ],
    ),
    (
        Source::AppsyncAuthorizer,
        &[
            r#"{"authorizationToken":"t","requestContext":{"apiId":"a","accountId":"1","requestId":"r","queryString":"q","variables":{}}}"#,
        ],
    ),
    (
        Source::AppsyncEvents,
        &[
            r#"{"identity":null,"request":{"headers":{}},"info":{"channel":{"path":"/d/c","segments":["d","c"]},"channelNamespace":{"name":"d"},"operation":"PUBLISH"},"events":[{"id":"1","payload":{}}]}"#,
        ],
    ),
    (
        Source::BedrockAgent,
        &[
            r#"{"messageVersion":"1.0","agent":{"name":"a"},"inputText":"i","actionGroup":"g","apiPath":"/p","httpMethod":"GET","parameters":[]}"#,
            r#"{"messageVersion":"1.0","actionGroup":"g","function":"f"}"#,
        ],
    ),
    (
        Source::Alexa,
        &[
            r#"{"version":"1.0","session":{"new":true},"context":{"System":{}},"request":{"type":"LaunchRequest"}}"#,
            r#"{"version":"1.0","context":{"System":{}},"request":{"type":"AlexaSkillEvent.SkillEnabled"}}"#,
            r#"{"directive":{"header":{"namespace":"Alexa.Discovery","name":"Discover","payloadVersion":"3"},"payload":{}}}"#,
        ],
    ),
    (
        Source::SecretsmanagerRotation,
        &[r#"{"Step":"createSecret","SecretId":"s","ClientRequestToken":"t"}"#],
    ),
    (
        Source::TransferFamily,
        &[
            r#"{"username":"u","password":"p","protocol":"SFTP","serverId":"s-1","sourceIp":"192.0.2.1"}"#,
            r#"{"token":"t","serviceMetadata":{"executionDetails":{"workflowId":"w"},"transferDetails":{}},"fileLocation":{"bucket":"b"}}"#,
        ],
    ),
    (
        Source::Durable,
        &[
            r#"{"CheckpointToken":"t","DurableExecutionArn":"a","InitialExecutionState":{"Operations":[{"Type":"EXECUTION","ExecutionDetails":{"InputPayload":"{\"Records\":[{\"eventSource\":\"aws:s3\"}]}"}}]}}"#,
            r#"{"InitialExecutionState":{"NextMarker":"m"},"DurableExecutionArn":"a/b","UpdatedOperationIds":[]}"#,
            r#"{"InitialExecutionState":{},"CheckpointToken":"t"}"#,
            r#"{"DurableExecutionArn":"a","CheckpointToken":"t"}"#,
        ],
    ),
    (
        Source::LambdaDestination,
        &[
            r#"{"version":"1.0","timestamp":"t","requestContext":{"requestId":"r","functionArn":"f","condition":"Success","approximateInvokeCount":1},"requestPayload":{},"responseContext":{"statusCode":200},"responsePayload":{}}"#,
            r#"{"version":"1.0","timestamp":"t","requestContext":{"requestId":"r","functionArn":"f","condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"Records":[{"eventSource":"aws:s3","s3":{"bucket":{},"object":{}}}]},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorType":"E"}}"#,
            r#"{"version":"1.0","timestamp":"t","requestContext":{"requestId":"r","functionArn":"f","condition":"EventAgeExceeded","approximateInvokeCount":1},"requestPayload":{"requestContext":{"http":{}},"rawPath":"/"}}"#,
        ],
    ),
    (
        Source::LambdaDestinationKinesis,
        &[
            r#"{"requestContext":{"requestId":"r","functionArn":"f","condition":"RetryAttemptsExhausted","approximateInvokeCount":2},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"version":"1.0","timestamp":"t","KinesisBatchInfo":{"shardId":"s","startSequenceNumber":"1","endSequenceNumber":"1","approximateArrivalOfFirstRecord":"t","approximateArrivalOfLastRecord":"t","batchSize":1,"streamArn":"arn:aws:kinesis:us-east-1:1:stream/s"}}"#,
            r#"{"requestContext":{"requestId":"r","functionArn":"f","condition":"RecordAgeExceeded","approximateInvokeCount":1},"version":"1.0","timestamp":"t","KinesisBatchInfo":{"shardId":"s","batchSize":1}}"#,
            r#"{"KinesisBatchInfo":{"batchSize":1},"payload":{"Records":[{"kinesis":{"data":"eA=="},"eventSource":"aws:kinesis"}]},"requestContext":{"condition":"RetryAttemptsExhausted"},"responseContext":{"statusCode":200}}"#,
            r#"{"KinesisBatchInfo":{"batchSize":1},"payload":"{\"Records\":[{\"eventSource\":\"aws:kinesis\"}]}"}"#,
        ],
    ),
    (
        Source::LambdaDestinationDynamodb,
        &[
            r#"{"requestContext":{"requestId":"r","functionArn":"f","condition":"RetryAttemptsExhausted","approximateInvokeCount":1},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":null},"version":"1.0","timestamp":"t","DDBStreamBatchInfo":{"shardId":"s","startSequenceNumber":"1","endSequenceNumber":"2","batchSize":1,"streamArn":"arn:aws:dynamodb:us-east-1:1:table/t/stream/x"}}"#,
            r#"{"requestContext":{"condition":"RecordAgeExceeded"},"DDBStreamBatchInfo":{},"payload":"{}"}"#,
        ],
    ),
    (
        Source::LambdaDestinationKafka,
        &[
            r#"{"requestContext":{"requestId":"r","functionArn":"f","condition":"MaximumPayloadSizeExceeded","approximateInvokeCount":1},"responseContext":null,"version":"1.0","timestamp":"t","KafkaBatchInfo":{"batchSize":500,"eventSourceArn":"arn:aws:kafka:us-east-1:1:cluster/c/1","bootstrapServers":"b","payloadSize":2039086,"recordsInfo":{"t-0":{"firstRecordOffset":"1"}}}}"#,
            r#"{"requestContext":{"condition":"RetriesExhausted"},"KafkaBatchInfo":{"batchSize":1},"payload":{"eventSource":"aws:kafka","records":{"t-0":[{"topic":"t","partition":0,"offset":1}]}}}"#,
        ],
    ),
];

/// Payloads of no source, and the reason given.
const UNKNOWN: &[(&str, &str)] = &[
    ("", "empty payload"),
    (" \n", "empty payload"),
    ("null", "top-level null"),
    ("\"a\"", "top-level string"),
    ("-1.5e3", "top-level number"),
    ("true", "top-level boolean"),
    ("[]", "empty array"),
    ("[1]", "an array whose first element names no event source"),
    ("{}", "an empty object"),
    (r#"{"Records":[]}"#, "empty Records"),
    (r#"{"Records":{}}"#, "Records is not a list"),
    (r#"{"Records":[null]}"#, "Records[0] names no eventSource"),
    (r#"{"Records":[{}]}"#, "Records[0] names no eventSource"),
    (
        r#"{"Records":[{"eventSource":"ec2.amazonaws.com"}]}"#,
        r#"unknown eventSource "ec2.amazonaws.com""#,
    ),
    (
        r#"{"Records":[{"eventSource":"minio:s3","s3":{"bucket":{},"object":{}}}]}"#,
        r#"unknown eventSource "minio:s3""#,
    ),
    (
        r#"{"Records":[{"EventSource":"a\u0007b"}]}"#,
        r#"unknown EventSource "a\u{7}b""#,
    ),
    (
        r#"{"Records":[{"Data":"SGk="}],"NextShardIterator":"x"}"#,
        "the result of a GetRecords call",
    ),
    (
        r#"{"Records":[{"eventSource":"aws:dynamodb"}],"NextShardIterator":"x"}"#,
        "the result of a GetRecords call",
    ),
    (
        r#"{"eventSource":"aws:s3","s3":{}}"#,
        r#"a record of "aws:s3" without the Records around it"#,
    ),
    (
        r#"{"eventSource":"aws:docdb","eventSourceArn":"arn"}"#,
        r#"an event of "aws:docdb" without its records"#,
    ),
    (
        r#"{"eventSource":"acme:jobs"}"#,
        r#"unknown eventSource "acme:jobs""#,
    ),
    (
        r#"[{"eventSource":"aws:s3"}]"#,
        r#"an array of unknown eventSource "aws:s3""#,
    ),
    (
        r#"{"a":1,"b":2}"#,
        "an object whose keys identify no source (a, b)",
    ),
    (
        r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9}"#,
        "an object whose keys identify no source (a, b, c, d, e, f, g, h, …)",
    ),
    (
        r#"{"source":["aws.ec2"],"detail-type":["x"]}"#,
        "an object whose keys identify no source (source, detail-type)",
    ),
    (
        r#"{"httpMethod":"GET"}"#,
        "an object whose keys identify no source (httpMethod)",
    ),
    (
        r#"{"statusCode":200,"body":"x"}"#,
        "an object whose keys identify no source (statusCode, body)",
    ),
    (r#"{"a":1"#, "not JSON at byte 6: EOF while parsing an object"),
    ("{\"a\":1,\n\"b\":nope}", "not JSON at byte 13: expected ident"),
    (r#"{"a":1} x"#, "not JSON at byte 8: trailing characters"),
    ("\u{FEFF}{\"a\"}", "not JSON at byte 7: expected `:`"),
];

/// Test events that leave out most of the documented shape.
const PARTIAL: &[(Source, &[&str])] = &[
    (Source::S3, &[r#"{"Records":[{"s3":{"object":{"key":"k"}}}]}"#]),
    (Source::Sns, &[r#"{"Records":[{"Sns":{"Subject":"s"}}]}"#]),
    (Source::Ses, &[r#"{"Records":[{"ses":{"receipt":{}}}]}"#]),
    (Source::Cloudfront, &[r#"{"Records":[{"cf":{}}]}"#]),
    (
        Source::Kinesis,
        &[r#"{"Records":[{"kinesis":{"partitionKey":"p"}}]}"#],
    ),
    (
        Source::Dynamodb,
        &[
            r#"{"Records":[{"dynamodb":{"SequenceNumber":"1"}}]}"#,
            r#"[{"eventName":"INSERT","dynamodb":{"NewImage":{}}}]"#,
        ],
    ),
    (
        Source::Sqs,
        &[
            r#"{"Records":[{"body":{"a":1},"attributes":{}}]}"#,
            r#"{"Records":[{"body":"b","messageAttributes":{},"eventSource":""}]}"#,
            r#"{"Records":[{"receiptHandle":"r"}]}"#,
            r#"[{"messageId":"m","receiptHandle":"r","body":"b"}]"#,
        ],
    ),
    (
        Source::Kafka,
        &[
            r#"{"eventSource":"aws:kafka","records":[{"topic":"t","partition":0}]}"#,
            r#"{"records":{"t-0":[{"value":"SGk="}]}}"#,
        ],
    ),
    (
        Source::Activemq,
        &[r#"{"messages":[{"messageID":"m","data":"SGk="}]}"#],
    ),
    (Source::Codecommit, &[r#"{"Records":[{"codecommit":{}}]}"#]),
    (
        Source::ApiGatewayAuthorizerWebsocket,
        &[
            r#"{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:1:a/p/$connect","queryStringParameters":{}}"#,
        ],
    ),
    (
        Source::KinesisFirehose,
        &[
            r#"{"records":[{"recordId":"1","data":"SGk="}],"region":"r"}"#,
            r#"{"records":[{"recordId":"1","kafkaRecordValue":"SGk="}],"region":"r"}"#,
        ],
    ),
    (
        Source::CloudwatchEvents,
        &[
            r#"{"source":"aws.ec2","detail":{"state":"running"}}"#,
            r#"{"source":"aws.events"}"#,
            r#"{"detail-type":"Scheduled Event","region":"r"}"#,
            r#"{"version":"0","id":"i","account":"1","resources":["arn"],"detail":{}}"#,
        ],
    ),
    (
        Source::S3ObjectLambda,
        &[r#"{"xAmzRequestId":"r","userRequest":{"url":"u"},"configuration":{}}"#],
    ),
    (
        Source::S3Batch,
        &[r#"{"job":{"id":"j"},"tasks":[{"taskId":"t","s3Key":"k"}]}"#],
    ),
    (
        Source::Cloudformation,
        &[
            r#"{"RequestType":"CREATE","ResponseURL":"u","StackId":"s"}"#,
            r#"{"RequestType":"Delete"}"#,
        ],
    ),
    (
        Source::LambdaDestination,
        &[r#"{"requestContext":{"functionArn":"f","condition":"EventAgeExceeded"}}"#],
    ),
    (
        Source::ApiGatewayWebsocket,
        &[
            r#"{"requestContext":{"connectionId":"c","domainName":"d","stage":"s"},"body":"b"}"#,
            r#"{"requestContext":{"connectionId":"c","connectedAt":1}}"#,
            r#"{"routeKey":null,"rawPath":null,"requestContext":{"routeKey":"$default","http":null},"body":"b"}"#,
            r#"{"requestContext":{"connectionId":"c"},"body":"b"}"#,
        ],
    ),
    (
        Source::ApiGatewayHttp,
        &[
            r#"{"requestContext":{"authorizer":{"jwt":{"claims":{"sub":"s"}}}}}"#,
            r#"{"routeKey":"GET /a/{id}"}"#,
            r#"{"version":"2.0","rawPath":"/a","headers":{}}"#,
            r#"{"rawPath":"/","headers":{"host":"a","referer":"https://a.lambda-url.eu-west-1.on.aws"},"requestContext":{"http":{"method":"GET"}}}"#,
        ],
    ),
    (
        Source::FunctionUrl,
        &[
            r#"{"rawPath":"/","headers":{"Hos\u0074":"a.l\u0061mbda-url.eu-west-1.on.aws"},"requestContext":{"http":{"method":"GET"}}}"#,
            r#"{"version":"2.0","rawPath":"/","headers":{"host":"a.lambda-url.eu-west-1.on.aws"},"requestContext":{"http":{"method":"GET"}}}"#,
            r#"{"rawPath":"/","requestContext":{"domainName":"a.lambda-url.eu-west-1.on.aws"}}"#,
        ],
    ),
    (
        Source::ApiGatewayRest,
        &[
            r#"{"body":"b","requestContext":{"connectionId":"c","domainName":"d","stage":"s"},"httpMethod":"GET"}"#,
            r#"{"httpMethod":"GET","path":"/a"}"#,
            r#"{"httpMethod":"POST","body":{"a":1}}"#,
            r#"{"resource":"/a/{id}","pathParameters":{"id":"1"}}"#,
            r#"{"path":"/a","requestContext":{"stage":"s"}}"#,
            r#"{"path":"/a/1","method":"GET","pathParameters":{"id":"1"}}"#,
            r#"{"body":"b","requestContext":{"identity":{"cognitoIdentityId":"i"}}}"#,
            r#"{"requestContext":{"authorizer":{"claims":{"sub":"s"}}}}"#,
            r#"{"pathParameters":{"id":"1"},"requestContext":{"authorizer":{"user":"u"}}}"#,
        ],
    ),
    (
        Source::BedrockAgent,
        &[
            r#"{"agent":{"name":"a"},"function":"f","parameters":[]}"#,
            r#"{"apiPath":"/a","httpMethod":"GET","parameters":[]}"#,
            r#"{"actionGroup":"g","parameters":[]}"#,
        ],
    ),
    (Source::Codedeploy, &[r#"{"LifecycleEventHookExecutionId":"l"}"#]),
    (
        Source::Config,
        &[
            r#"{"invokingEvent":"{}"}"#,
            r#"{"configRuleName":"n","resultToken":"t"}"#,
        ],
    ),
    (
        Source::Cognito,
        &[
            r#"{"request":{"session":[]},"response":{}}"#,
            r#"{"request":{"challengeAnswer":"5","privateChallengeParameters":{"answer":"5"}},"response":{}}"#,
            r#"{"triggerSource":"PreSignUp_SignUp","userName":"u"}"#,
            r#"{"triggerSource":"CustomMessage_ForgotPassword"}"#,
            r#"{"request":{"userAttributes":{}}}"#,
            r#"{"request":{"clientMetadata":{}}}"#,
            r#"{"userPoolId":"p","userName":"u","request":{}}"#,
        ],
    ),
    (
        Source::LexV2,
        &[
            r#"{"sessionState":{"intent":{}},"inputTranscript":"hi"}"#,
            r#"{"sessionState":{"intent":{}},"transcriptions":[]}"#,
        ],
    ),
    (Source::LexV1, &[r#"{"currentIntent":{"name":"n","slots":{}}}"#]),
    (
        Source::Connect,
        &[
            r#"{"Name":"ContactFlowEvent","Details":{}}"#,
            r#"{"Details":{"Parameters":{"a":"1"}}}"#,
        ],
    ),
    (
        Source::Alexa,
        &[
            r#"{"request":{"type":"LaunchRequest"}}"#,
            r#"{"request":{"intent":{"name":"n"}},"session":{"user":{}}}"#,
        ],
    ),
    (
        Source::AppsyncResolver,
        &[
            r#"{"fieldName":"f","arguments":{}}"#,
            r#"{"arguments":{},"identity":null}"#,
            r#"{"info":{"fieldName":"f"}}"#,
            r#"{"field":"getPost","arguments":{"id":"1"}}"#,
        ],
    ),
    (
        Source::AppsyncBatch,
        &[r#"[{"field":"relatedPosts","source":{"id":"1"}}]"#],
    ),
    (
        Source::AppsyncEvents,
        &[r#"{"info":{"channel":{"path":"/d/c"}},"events":[]}"#],
    ),
    (
        Source::IotButton,
        &[
            r#"{"clickType":"LONG"}"#,
            r#"{"deviceEvent":{"buttonClicked":{"clickType":"SINGLE"}}}"#,
        ],
    ),
    (
        Source::IotCustomAuth,
        &[r#"{"token":"t","signatureVerified":false}"#],
    ),
    (
        Source::Unknown,
        &[
            r#"{"Records":[{"body":"b"}]}"#,
            r#"{"source":"aws.cloudwatch"}"#,
            r#"{"version":"1","detail":{}}"#,
            r#"{"requestContext":{"authorizer":{"user":"u"}}}"#,
            r#"{"triggerSource":"connector_intake"}"#,
            r#"{"method":"GET","path":"/a","requestContext":{"identity":{"type":"AWS_IAM"}}}"#,
            r#"[{"body":"b"}]"#,
            r#"{"messages":[{"role":"user","content":"hi"}]}"#,
            r#"{"records":{"a":[1]}}"#,
            r#"{"requestContext":{"authorizer":{"iam":{}}},"pathParameters":{}}"#,
            r#"{"headers":{},"pathParameters":{"id":"1"}}"#,
            r#"{"authorizationToken":"t"}"#,
            r#"{"name":"n","arguments":{}}"#,
            r#"{"tasks":[{"taskId":"t"}]}"#,
            r#"{"clickType":"left"}"#,
            r#"{"requestContext":{"routeKey":"GET /a"}}"#,
            r#"{"routeKey":"$default","requestContext":{"routeKey":"$default"}}"#,
            r#"{"httpMethod":"GET","path":"/a","rawUrl":"https://h/a"}"#,
            r#"{"resource":"bucket","pathParameters":{}}"#,
            r#"{"Records":[{"kinesis":{}}],"NextShardIterator":"x"}"#,
            r#"{"Records":[{"eventSource":"minio:s3","s3":{}}]}"#,
            r#"{"records":[{"recordId":"1","data":"SGk="}]}"#,
            r#"{"source":["aws.ec2"],"detail":{}}"#,
            r#"{"sessionState":{},"messages":[]}"#,
            r#"{"request":{"type":"GET"},"response":{}}"#,
            r#"{"Name":"x","Details":{}}"#,
        ],
    ),
];

#[test]
fn tells_partial_events_by_what_their_source_alone_has() {
    for (source, payloads) in PARTIAL {
        for payload in *payloads {
            let found = detect(payload.as_bytes());
            assert_eq!(found.source, *source, "{found}: {payload}");
        }
    }
}

#[test]
fn tells_every_source_by_its_documented_shape() {
    for (source, payloads) in SHAPES {
        for payload in *payloads {
            let found = detect(payload.as_bytes());
            assert_eq!(found.source, *source, "{found}: {payload}");
            assert!(found.evidence().count() > 0, "{payload}");
            let marked = format!("\u{FEFF} {payload}\n");
            assert_eq!(detect(marked.as_bytes()).source, *source, "{payload}");
        }
    }
}

/// Whether there is a sample with the source's name.
fn has_sample(source: Source) -> bool {
    let crate_root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    ["../../events/unrouted", "tests/made_up"].iter().any(|dir| {
        let path = crate_root.join(dir).join(format!("{source}.json"));
        std::fs::read(path).is_ok_and(|sample| detect(&sample).source == source)
    })
}

#[test]
fn knows_a_shape_of_each_source() {
    for source in Source::ALL {
        let known = SHAPES.iter().any(|(shape, _)| shape == source) || has_sample(*source);
        assert!(known || *source == Source::Unknown, "{source}");
    }
}

#[test]
fn says_why_a_payload_is_unknown() {
    for (payload, reason) in UNKNOWN {
        let found = detect(payload.as_bytes());
        assert_eq!(found.source, Source::Unknown, "{payload}");
        assert_eq!(found.evidence().collect::<Vec<_>>(), [*reason], "{payload}");
        assert_eq!(found.to_string(), format!("unknown ({reason})"));
    }
    let found = detect(b"{\"a\":\"\xFF\"}");
    assert_eq!(found.to_string(), "unknown (not JSON at byte 6: not UTF-8)");
}

#[test]
fn a_detection_is_shown_with_the_clues_that_decided_it() {
    let show = |payload: &str| detect(payload.as_bytes()).to_string();
    assert_eq!(
        show(r#"{"requestContext":{"http":{},"domainName":"a.lambda-url.eu-west-1.on.aws"}}"#),
        r#"function_url (requestContext.http, requestContext.domainName = "a.lambda-url.eu-west-1.on.aws")"#,
    );
    assert_eq!(
        show(r#"[{"eventSource":"aws:sqs"}]"#),
        r#"sqs ([0].eventSource = "aws:sqs")"#
    );
    let long = format!(r#"{{"detail-type":"{}","source":"s"}}"#, "é".repeat(200));
    let shown = format!(
        r#"cloudwatch_events (detail-type = "{}…", source = "s")"#,
        "é".repeat(32)
    );
    assert_eq!(show(&long), shown);
}

#[test]
fn reads_escaped_keys_and_values() {
    let escaped = br#"{"\u0052ecords":[{"event\u0053ource":"aws\u003as3"}]}"#;
    assert_eq!(detect(escaped).source, Source::S3);
    assert_eq!(records(escaped).count(), 1);
    assert_eq!(
        detect(br#"{"detail\u002dtype":"\"","source":"\\"}"#).source,
        Source::CloudwatchEvents
    );
    assert_eq!(
        detect(br#"{"a":"\"Records\":[{\"eventSource\":\"aws:s3\"}]"}"#).source,
        Source::Unknown
    );
}

#[test]
fn of_duplicate_keys_the_last_counts() {
    let kinesis_last = br#"{"Records":[{"eventSource":"x"}],"Records":[{"eventSource":"aws:kinesis"},{}]}"#;
    let found = detect(kinesis_last);
    assert_eq!((found.source, found.batch), (Source::Kinesis, Some(2)));
    assert_eq!(records(kinesis_last).count(), 2);
    let http_last = br#"{"requestContext":{"connectionId":"c","routeKey":"k"},"requestContext":{"http":{}}}"#;
    assert_eq!(detect(http_last).source, Source::ApiGatewayHttp);
}

#[test]
fn counts_the_records_it_passes() {
    let batch = |payload: &str| detect(payload.as_bytes()).batch;
    assert_eq!(
        batch(r#"{"Records":[{"eventSource":"aws:kinesis"},{},[1,2]]}"#),
        Some(3)
    );
    assert_eq!(batch(r#"[{"eventSource":"aws:sqs"},{}]"#), Some(2));
    assert_eq!(batch(r#"{"detail-type":"x","source":"s"}"#), None);
}

#[test]
fn stops_where_the_answer_is_settled() {
    for settled in [
        r#"{"Records":[{"eventSource":"aws:s3","#,
        r#"{"detail-type":"x","source":"y","detail":{"#,
        r#"{"eventSource":"aws:kafka","records":{"#,
    ] {
        assert_ne!(detect(settled.as_bytes()).source, Source::Unknown, "{settled}");
    }
    for open in [
        // A window may follow.
        r#"{"Records":[{"eventSource":"aws:kinesis"}"#,
        // A version may follow, or who is asked whether the request may pass.
        r#"{"httpMethod":"POST","path":"/","requestContext":{"stage":"s"},"body":"b""#,
    ] {
        assert_eq!(detect(open.as_bytes()).source, Source::Unknown, "{open}");
    }
}

#[test]
fn what_follows_the_body_of_a_request_counts_like_what_precedes_it() {
    let context = r#""requestContext":{"http":{"method":"GET"},"httpMethod":"GET"},"body":"b""#;
    for member in [
        r#""version":"1.0""#,
        r#""routeArn":"arn:aws:execute-api:r""#,
        r#""methodArn":"arn:aws:execute-api:m""#,
    ] {
        let before = format!("{{{member},{context}}}");
        let behind = format!("{{{context},{member}}}");
        assert_eq!(
            detect(before.as_bytes()).source,
            detect(behind.as_bytes()).source,
            "{member}"
        );
    }
}

#[test]
fn a_payload_nested_a_hundred_thousand_deep_is_detected() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let detail = deep("{\"a\":[", "]}");
    let event = format!(r#"{{"detail":{detail},"detail-type":"x","source":"y"}}"#);
    assert_eq!(detect(event.as_bytes()).source, Source::CloudwatchEvents);
    let found = detect(detail.as_bytes()).to_string();
    assert_eq!(found, "unknown (an object whose keys identify no source (a))");
    let cut = &detail.as_bytes()[..detail.len() - 1];
    assert!(
        detect(cut)
            .to_string()
            .starts_with("unknown (not JSON at byte 800000")
    );
}

#[test]
fn cuts_batches_into_records() {
    let cut = |payload: &'static str| -> Vec<Result<&str, Cut>> {
        records(payload.as_bytes())
            .map(|raw| raw.map(|raw| std::str::from_utf8(raw).unwrap()))
            .collect()
    };
    assert_eq!(
        cut(r#"{"a":"Records","Records" : [ {"b":"]}"} , 1,"x\"," ,[[]]],"c":1}"#),
        [Ok(r#"{"b":"]}"}"#), Ok("1"), Ok(r#""x\",""#), Ok("[[]]")],
    );
    assert_eq!(cut(r#"[{"a":1},{"b":2}]"#), [Ok(r#"{"a":1}"#), Ok(r#"{"b":2}"#)]);
    assert_eq!(cut(r#"{"invocationId":"i","records":[{}]}"#), [Ok("{}")]);
    assert_eq!(
        cut(r#"{"Records":[{"Records":[1]}]}"#),
        [Ok(r#"{"Records":[1]}"#)]
    );
    assert_eq!(cut(r#"{"Records":[1],"Records":[2,3]}"#), [Ok("2"), Ok("3")]);
    assert_eq!(cut(r#"{"Records":[]}"#), []);
    assert_eq!(cut(r#"{"a":1}"#), []);
    assert_eq!(
        cut(r#"{"Records":[{"a":1},{"b":"#),
        [Ok(r#"{"a":1}"#), Err(Cut { at: 25 })]
    );
    assert_eq!(
        cut(r#"{"Records":[{"a":1} {"b":1}]}"#),
        [Ok(r#"{"a":1}"#), Err(Cut { at: 20 })]
    );
    assert_eq!(cut(r#"{"Records":[{"a":[1}]},2]}"#), [Err(Cut { at: 20 })]);
    assert_eq!(
        cut(r#"{"Records":[{"Records":1},{"b":"#),
        [Ok(r#"{"Records":1}"#), Err(Cut { at: 31 })]
    );
    assert_eq!(cut(r#"{"a":"#), [Err(Cut { at: 5 })]);
    assert_eq!(cut("x"), [Err(Cut { at: 0 })]);
    assert_eq!(cut(r#"{"Records":[1,]}"#), [Ok("1"), Err(Cut { at: 14 })]);
}
