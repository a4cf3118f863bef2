"""State machines of others: microseconds of a step, as JSON. One machine, one model, made once."""

import json
import sys
import time

from statemachine import State, StateMachine
from transitions import Machine

STEPS = ("pay", "pay", "pay", "pay", "fail", "pay", "fail", "pay", "fail", "pay")
BLOCKS, CALLS = 8, 20


class Model:
    pass


def by_transitions():
    model = Model()
    machine = Machine(model, states=["incomplete", "active", "past_due"], initial="incomplete")
    machine.add_transition("pay", ["incomplete", "active", "past_due"], "active")
    machine.add_transition("fail", ["active", "past_due"], "past_due")
    return lambda: [getattr(model, step)() for step in STEPS]


class Subscription(StateMachine):
    incomplete = State(initial=True)
    active = State()
    past_due = State()
    pay = incomplete.to(active) | active.to.itself() | past_due.to(active)
    fail = active.to(past_due) | past_due.to.itself()


def by_statemachine():
    machine = Subscription()
    return lambda: [machine.send(step) for step in STEPS]


def microseconds(call):
    return min(block(call) for _ in range(BLOCKS)) * 1e6 / CALLS / len(STEPS)


def block(call):
    began = time.process_time()
    for _ in range(CALLS):
        call()
    return time.process_time() - began


if __name__ == "__main__":
    makers = {"transitions": by_transitions, "python-statemachine": by_statemachine}
    print(json.dumps({"us": microseconds(makers[sys.argv[1]]())}))
