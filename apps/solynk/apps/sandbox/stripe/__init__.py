"""The Stripe half of the sandbox."""

from solynk.apps.sandbox.stripe.universe import StripeWorld

__all__ = ["StripeWorld"]
