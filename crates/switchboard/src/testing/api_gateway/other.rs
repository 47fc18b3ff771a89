//! Load balancers and VPC Lattice. Elastic Load Balancing User Guide, “Use Lambda functions as targets of an Application Load
//! Balancer”; VPC Lattice User Guide, “AWS Lambda functions as targets in VPC Lattice”.

use super::super::origin::{REGION, arn};
use super::http::{Authorized, Http};
use super::parts::{multiple, single};
use serde_json::{Value, json};

pub(super) fn alb(request: &Http, multi_value: bool) -> Value {
    let host = format!("shop-1467352019.{REGION}.elb.amazonaws.com");
    let (headers, query) = (request.headers_and_cookies(&host), request.encoded_query());
    let mut event = json!({
        "requestContext": {"elb": {
            "targetGroupArn": arn("elasticloadbalancing", "targetgroup/shop/6d0ecf831eec9f09"),
        }},
        "httpMethod": request.method,
        "path": request.path,
        "body": request.body_text().unwrap_or_default(),
        "isBase64Encoded": request.is_base64(),
    });
    if multi_value {
        event["multiValueHeaders"] = multiple(&headers);
        event["multiValueQueryStringParameters"] = multiple(&query);
    } else {
        event["headers"] = single(&headers);
        event["queryStringParameters"] = single(&query);
    }
    event
}

pub(super) fn lattice_v1(request: &Http) -> Value {
    let query = request.raw_query();
    let path = match &*query {
        "" => request.path.clone(),
        query => format!("{}?{query}", request.path),
    };
    json!({
        "raw_path": path,
        "method": request.method,
        "headers": single(&request.headers_and_cookies(&lattice_host())),
        "query_string_parameters": single(&request.query),
        "body": request.body_text().unwrap_or_default(),
        "is_base64_encoded": request.is_base64(),
    })
}

pub(super) fn lattice_v2(request: &Http) -> Value {
    let mut event = json!({
        "version": "2.0",
        "path": request.path,
        "method": request.method,
        "headers": multiple(&request.headers_and_cookies(&lattice_host())),
        "queryStringParameters": multiple(&request.query),
        "body": request.body_text(),
        "isBase64Encoded": request.is_base64(),
        "requestContext": {
            "serviceNetworkArn": arn("vpc-lattice", "servicenetwork/sn-0bf3f2882e9cc805a"),
            "serviceArn": arn("vpc-lattice", "service/svc-0a40eebed65f8d69c"),
            "targetGroupArn": arn("vpc-lattice", "targetgroup/tg-6d0ecf831eec9f09"),
            "identity": {"sourceVpcArn": arn("ec2", "vpc/vpc-0b8276c84697e7339")},
            "region": REGION,
            "timeEpoch": (request.number.millis() * 1000).to_string(),
        },
    });
    if let Some(Authorized::Iam(principal)) = &request.authorizer {
        let identity = &mut event["requestContext"]["identity"];
        identity["type"] = "AWS_IAM".into();
        identity["principal"] = principal.as_str().into();
        identity["principalOrgID"] = "o-50dc6c495c".into();
    }
    event
}

fn lattice_host() -> String {
    format!("shop-0a40eebed65f8d69c.7d67968.vpc-lattice-svcs.{REGION}.on.aws")
}
