"""Access tokens of the user pool."""

import os

import jwt


def claims_of(token):
    keys = jwt.PyJWKClient(os.environ["AWS_COGNITO_JWKS_URL"])
    try:
        return jwt.decode(token, keys.get_signing_key_from_jwt(token).key, algorithms=["RS256"])
    except jwt.InvalidTokenError:
        return None
