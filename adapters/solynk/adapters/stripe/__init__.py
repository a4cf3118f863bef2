"""Stripe: direct charges on the creator's own account, by Checkout.

Signatures and events are read without the SDK. `provider` alone needs the extra `solynk[stripe]`.
"""
