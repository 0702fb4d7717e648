"""The reference application: the messages of scenarios/messaging behind HTTP, for people who show a Cognito token."""

from __future__ import annotations

from .application import create_app
from .services import Services, open_services
from .settings import Settings

__all__ = ["Services", "Settings", "create_app", "open_services"]
