"""How services of AWS that speak JSON over POST are addressed, in the words of their service models."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsApi:
    """One service's `targetPrefix`, `signingName` and `jsonVersion`, as botocore's models have them."""

    name: str
    target_prefix: str
    signing_name: str
    json_version: str = "1.0"


DYNAMODB = AwsApi(name="DynamoDB", target_prefix="DynamoDB_20120810", signing_name="dynamodb")
STREAMS = AwsApi(name="DynamoDB Streams", target_prefix="DynamoDBStreams_20120810", signing_name="dynamodb")
COGNITO = AwsApi(
    name="Cognito",
    target_prefix="AWSCognitoIdentityProviderService",
    signing_name="cognito-idp",
    json_version="1.1",
)
