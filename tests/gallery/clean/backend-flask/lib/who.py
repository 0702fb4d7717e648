"""Who asks: the user whose access token a request carries."""

from lib.db import db
from lib.tokens import claims_of


def who_asks(request):
    words = request.headers.get("Authorization", "").split()
    if len(words) != 2 or words[0].lower() != "bearer":
        return None
    claims = claims_of(words[1])
    if claims is None:
        return None
    return db.query_row(
        "SELECT uuid, display_name, handle FROM public.users WHERE cognito_user_id = %(sub)s", {"sub": claims["sub"]}
    )
