"""Plans, the trials they prescribe, and the drivers that carry them out."""

from hometruth.experiment.design import Design, Mint, design, design_again
from hometruth.experiment.drivers import DRIVERS, Driver, Joins, LedByHand, Onlooker, ReachedAt
from hometruth.experiment.plan import Plan, bundled_plan, load_plan, parse_plan
from hometruth.experiment.planned import PlannedAction, PlannedSession
from hometruth.experiment.session import run_session

__all__ = [
    "DRIVERS",
    "Design",
    "Driver",
    "Joins",
    "LedByHand",
    "Mint",
    "Onlooker",
    "Plan",
    "PlannedAction",
    "PlannedSession",
    "ReachedAt",
    "bundled_plan",
    "design",
    "design_again",
    "load_plan",
    "parse_plan",
    "run_session",
]
