//! The keys that detection looks at, and where in a payload they are.
//!
//! Every key here is asked for by a rule, and is read whatever else the payload contains. In braces after a clue: the
//! bracket by which its value opens, and the place of the clues inside (for `[`, inside its first element).

macro_rules! clues {
    ($($(#[$doc:meta])* $place:ident $path:literal {
        $($key:literal => $clue:ident $({ $($bracket:literal $below:ident)* })?,)*
    })*) => {
        /// A key at a place.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(super) enum Clue {
            $($($clue,)*)*
        }

        /// A level of a payload that has clues.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(super) enum Place {
            $($(#[$doc])* $place,)*
        }

        impl Clue {
            /// Every clue, in the order of the enum.
            pub(super) const ALL: &[Clue] = &[$($(Clue::$clue,)*)*];

            /// Their keys.
            pub(super) const KEYS: &[&[u8]] = &[$($($key,)*)*];

            /// Where the key is.
            pub(super) const fn place(self) -> Place {
                match self {
                    $($(Clue::$clue => Place::$place,)*)*
                }
            }

            /// Which clues the key's value contains if it opens with `bracket`.
            #[inline]
            pub(super) const fn below(self, bracket: u8) -> Option<Place> {
                match (self, bracket) {
                    $($($($((Clue::$clue, $bracket) => Some(Place::$below),)*)?)*)*
                    _ => None,
                }
            }
        }

        impl Place {
            /// The path of the place's keys; `*` is the path of the list's first element.
            pub(super) const fn path(self) -> &'static str {
                match self {
                    $(Place::$place => $path,)*
                }
            }

            /// The clue that `key` is at this place.
            #[inline]
            pub(super) fn clue(self, key: &[u8]) -> Option<Clue> {
                match self {
                    $(Place::$place => match key {
                        $($key => Some(Clue::$clue),)*
                        _ => None,
                    },)*
                }
            }
        }
    };
}

clues! {
    /// The payload itself.
    Top "" {
        b"Records" => Records { b'[' Record },
        b"window" => Window,
        b"state" => State,
        b"isFinalInvokeForWindow" => IsFinalInvoke,
        b"isWindowTerminatedEarly" => IsWindowTerminatedEarly,
        b"eventSourceARN" => StreamArn,
        b"NextShardIterator" => NextShardIterator,
        b"MillisBehindLatest" => MillisBehindLatest,

        b"eventSource" => EventSource,
        b"eventSourceArn" => EventSourceArn,
        b"bootstrapServers" => BootstrapServers,
        b"messages" => Messages { b'[' Message },
        b"rmqMessagesByQueue" => RmqMessagesByQueue,
        b"events" => Events,
        b"records" => Items { b'[' Item b'{' Topics },
        b"invocationId" => InvocationId,
        b"deliveryStreamArn" => DeliveryStreamArn,
        b"applicationArn" => ApplicationArn,
        b"streamArn" => AnalyticsStreamArn,
        b"awslogs" => Awslogs { b'{' Awslogs },

        b"detail-type" => DetailType,
        b"detailType" => DetailTypeCamel,
        b"detail" => Detail,
        b"source" => Source,
        b"alarmArn" => AlarmArn,
        b"alarmData" => AlarmData,
        b"region" => Region,

        b"DurableExecutionArn" => DurableExecutionArn,
        b"CheckpointToken" => CheckpointToken,
        b"InitialExecutionState" => InitialExecutionState,

        b"requestContext" => RequestContext { b'{' RequestContext },
        b"type" => Type,
        b"methodArn" => MethodArn,
        b"routeArn" => RouteArn,
        b"identitySource" => IdentitySource,
        b"authorizationToken" => AuthorizationToken,
        b"version" => Version,
        b"httpMethod" => HttpMethod,
        b"path" => Path,
        b"resource" => Resource,
        b"pathParameters" => PathParameters,
        b"stageVariables" => StageVariables,
        b"headers" => Headers,
        b"queryStringParameters" => QueryStringParameters,
        b"body" => Body,
        b"rawUrl" => RawUrl,
        b"rawPath" => RawPath,
        b"routeKey" => TopRouteKey,
        b"raw_path" => LatticeRawPath,
        b"method" => Method,
        b"is_base64_encoded" => LatticeIsBase64Encoded,
        b"query_string_parameters" => LatticeQuery,

        b"Event" => S3Event,
        b"invocationSchemaVersion" => InvocationSchemaVersion,
        b"tasks" => Tasks { b'[' Task },
        b"getObjectContext" => GetObjectContext,
        b"headObjectContext" => HeadObjectContext,
        b"listObjectsContext" => ListObjectsContext,
        b"listObjectsV2Context" => ListObjectsV2Context,
        b"xAmzRequestId" => XAmzRequestId,
        b"userRequest" => UserRequest,

        b"requestPayload" => RequestPayload,
        b"responseContext" => ResponseContext,
        b"KinesisBatchInfo" => KinesisBatchInfo,
        b"DDBStreamBatchInfo" => DdbStreamBatchInfo,
        b"KafkaBatchInfo" => KafkaBatchInfo,
        b"RequestType" => RequestType,
        b"ResponseURL" => ResponseUrl,
        b"StackId" => StackId,
        b"LogicalResourceId" => LogicalResourceId,
        b"ResourceType" => ResourceType,
        b"ResourceProperties" => ResourceProperties,
        b"CodePipeline.job" => CodePipelineJob,
        b"DeploymentId" => DeploymentId,
        b"LifecycleEventHookExecutionId" => LifecycleEventHookExecutionId,
        b"invokingEvent" => InvokingEvent,
        b"resultToken" => ResultToken,
        b"ruleParameters" => RuleParameters,
        b"configRuleName" => ConfigRuleName,
        b"configRuleArn" => ConfigRuleArn,
        b"configRuleId" => ConfigRuleId,
        b"Step" => Step,
        b"SecretId" => SecretId,
        b"ClientRequestToken" => ClientRequestToken,
        b"username" => Username,
        b"serverId" => ServerId,
        b"protocol" => Protocol,
        b"sourceIp" => SourceIp,
        b"serviceMetadata" => ServiceMetadata { b'{' ServiceMetadata },
        b"fileLocation" => FileLocation,

        b"triggerSource" => TriggerSource,
        b"userPoolId" => UserPoolId,
        b"userName" => UserName,
        b"callerContext" => CallerContext,
        b"request" => Request { b'{' Request },
        b"response" => Response,
        b"eventType" => EventType,
        b"identityPoolId" => IdentityPoolId,
        b"datasetName" => DatasetName,
        b"datasetRecords" => DatasetRecords,

        b"bot" => Bot,
        b"currentIntent" => CurrentIntent,
        b"sessionState" => SessionState,
        b"invocationSource" => InvocationSource,
        b"userId" => UserId,
        b"inputTranscript" => InputTranscript,
        b"proposedNextState" => ProposedNextState,
        b"transcriptions" => Transcriptions,
        b"invocationLabel" => InvocationLabel,
        b"outputDialogMode" => OutputDialogMode,
        b"sessionAttributes" => SessionAttributes,
        b"Details" => Details { b'{' Details },
        b"Name" => Name,
        b"session" => Session,
        b"context" => Context { b'{' Context },
        b"directive" => Directive { b'{' Directive },
        b"header" => Header { b'{' Header },
        b"actionGroup" => ActionGroup,
        b"agent" => Agent,
        b"messageVersion" => MessageVersion,
        b"apiPath" => ApiPath,
        b"parameters" => Parameters,
        b"requestBody" => RequestBody,
        b"promptSessionAttributes" => PromptSessionAttributes,
        b"invokeModelRawResponse" => InvokeModelRawResponse,
        b"function" => Function,

        b"info" => Info { b'{' Info },
        b"arguments" => Arguments,
        b"identity" => Identity,
        b"prev" => Prev,
        b"stash" => Stash,
        b"fieldName" => FieldName,
        b"field" => Field,
        b"typeName" => TypeName,
        b"parentTypeName" => ParentTypeName,
        b"operation" => Operation,
        b"payload" => Payload,

        b"serialNumber" => SerialNumber,
        b"clickType" => ClickType,
        b"deviceEvent" => DeviceEvent { b'{' DeviceEvent },
        b"deviceInfo" => DeviceInfo,
        b"placementInfo" => PlacementInfo,
        b"protocolData" => ProtocolData,
        b"protocols" => Protocols,
        b"signatureVerified" => SignatureVerified,
        b"connectionMetadata" => ConnectionMetadata,
        b"token" => Token,
    }
    /// What API Gateway, ALB, VPC Lattice, AppSync and Lambda's destinations say about a request.
    RequestContext "requestContext." {
        b"elb" => Elb,
        b"http" => Http,
        b"domainName" => DomainName,
        b"connectionId" => ConnectionId,
        b"eventType" => SocketEventType,
        b"routeKey" => RouteKey,
        b"connectedAt" => ConnectedAt,
        b"messageDirection" => MessageDirection,
        b"stage" => Stage,
        b"resourcePath" => ResourcePath,
        b"resourceId" => ResourceId,
        b"httpMethod" => ContextHttpMethod,
        b"identity" => ContextIdentity,
        b"authorizer" => Authorizer { b'{' Authorizer },
        b"serviceNetworkArn" => ServiceNetworkArn,
        b"serviceArn" => ServiceArn,
        b"targetGroupArn" => TargetGroupArn,
        b"condition" => Condition,
        b"functionArn" => FunctionArn,
    }
    Authorizer "requestContext.authorizer." {
        b"claims" => AuthorizerClaims,
        b"principalId" => AuthorizerPrincipalId,
        b"jwt" => AuthorizerJwt,
        b"lambda" => AuthorizerLambda,
        b"iam" => AuthorizerIam,
    }
    /// The first record, or the first element of a payload that is an array.
    Record "*." {
        b"eventSource" => RecordSource,
        b"EventSource" => RecordSourceCapital,
        b"eventSourceARN" => RecordSourceArn,
        b"s3" => RecordS3 { b'{' RecordS3 },
        b"dynamodb" => RecordDynamodb { b'{' RecordDynamodb },
        b"kinesis" => RecordKinesis { b'{' RecordKinesis },
        b"Sns" => RecordSns { b'{' RecordSns },
        b"ses" => RecordSes { b'{' RecordSes },
        b"cf" => RecordCf { b'{' RecordCf },
        b"codecommit" => RecordCodecommit { b'{' RecordCodecommit },
        b"body" => RecordBody,
        b"messageId" => RecordMessageId,
        b"receiptHandle" => RecordReceiptHandle,
        b"attributes" => RecordAttributes,
        b"messageAttributes" => RecordMessageAttributes,
        b"md5OfBody" => RecordMd5OfBody,
        b"info" => ElementInfo { b'{' ElementInfo },
        b"arguments" => ElementArguments,
        b"fieldName" => ElementFieldName,
        b"field" => ElementField,
        b"source" => ElementSource,
        b"typeName" => ElementTypeName,
        b"parentTypeName" => ElementParentTypeName,
    }
    RecordS3 "*.s3." {
        b"bucket" => S3Bucket,
        b"object" => S3Object,
    }
    RecordDynamodb "*.dynamodb." {
        b"Keys" => DynamodbKeys,
        b"NewImage" => DynamodbNewImage,
        b"OldImage" => DynamodbOldImage,
    }
    RecordKinesis "*.kinesis." {
        b"data" => KinesisData,
    }
    RecordSns "*.Sns." {
        b"Message" => SnsMessage,
    }
    RecordSes "*.ses." {
        b"mail" => SesMail,
    }
    RecordCf "*.cf." {
        b"config" => CfConfig,
        b"request" => CfRequest,
        b"response" => CfResponse,
    }
    RecordCodecommit "*.codecommit." {
        b"references" => CodecommitReferences,
    }
    /// The field an AppSync batch asks for.
    ElementInfo "*.info." {
        b"fieldName" => ElementInfoFieldName,
    }
    /// The first of Firehose's or Kinesis Analytics' `records`.
    Item "records[0]." {
        b"recordId" => ItemRecordId,
        b"data" => ItemData,
        b"kafkaRecordValue" => ItemKafkaValue,
        b"result" => ItemResult,
        b"approximateArrivalTimestamp" => ItemArrival,
        b"kinesisRecordMetadata" => ItemFirehoseMetadata,
        b"kinesisStreamRecordMetadata" => ItemStreamMetadata,
        b"kinesisFirehoseRecordMetadata" => ItemDeliveryMetadata,
        b"lambdaDeliveryRecordMetadata" => ItemOutputMetadata,
    }
    /// Kafka's `records`: any key, each a list.
    Topics "records.*" {}
    /// The first record of Kafka's first topic partition.
    TopicRecord "records.*[0]." {
        b"topic" => Topic,
        b"partition" => Partition,
        b"offset" => Offset,
        b"value" => TopicValue,
    }
    /// The first of ActiveMQ's messages.
    Message "messages[0]." {
        b"messageID" => MessageId,
        b"data" => MessageData,
    }
    /// The first of S3 Batch Operations' tasks.
    Task "tasks[0]." {
        b"taskId" => TaskId,
        b"s3Key" => TaskKey,
        b"s3BucketArn" => TaskBucketArn,
        b"s3Bucket" => TaskBucket,
    }
    Awslogs "awslogs." {
        b"data" => AwslogsData,
    }
    Request "request." {
        b"type" => RequestKind,
        b"intent" => RequestIntent,
        b"userAttributes" => UserAttributes,
        b"clientMetadata" => ClientMetadata,
        b"headers" => RequestHeaders,
        b"challengeName" => ChallengeName,
        b"challengeAnswer" => ChallengeAnswer,
        b"privateChallengeParameters" => PrivateChallengeParameters,
        b"session" => ChallengeSession,
        b"groupConfiguration" => GroupConfiguration,
    }
    Details "Details." {
        b"ContactData" => ContactData,
        b"Parameters" => ContactParameters,
    }
    Context "context." {
        b"System" => ContextSystem,
    }
    Directive "directive." {
        b"header" => DirectiveHeader { b'{' DirectiveHeader },
    }
    DirectiveHeader "directive.header." {
        b"namespace" => DirectiveNamespace,
    }
    Header "header." {
        b"namespace" => HeaderNamespace,
        b"name" => HeaderName,
        b"payloadVersion" => HeaderPayloadVersion,
    }
    Info "info." {
        b"fieldName" => InfoFieldName,
        b"parentTypeName" => InfoParentTypeName,
        b"operation" => InfoOperation,
        b"channel" => InfoChannel,
        b"channelNamespace" => InfoChannelNamespace,
    }
    DeviceEvent "deviceEvent." {
        b"buttonClicked" => ButtonClicked,
        b"deviceHealthMonitor" => DeviceHealthMonitor,
    }
    ServiceMetadata "serviceMetadata." {
        b"executionDetails" => ExecutionDetails,
    }
}
