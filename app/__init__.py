"""The window. Whatever of it is imported first, Qt is safe to use from then on."""

from app.core.lasting_constants import keep

keep()
