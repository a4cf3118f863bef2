"""What the engine needs from the world, as narrow protocols in the core's own terms.

A docstring here is a contract: what a repeat does, what cancellation leaves behind, every error.
`solynk.contract_tests` checks each promise; an adapter implements the ports it can.
"""
