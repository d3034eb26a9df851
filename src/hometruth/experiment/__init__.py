"""Plans, the trials they prescribe, and the drivers that carry them out."""

from hometruth.experiment.design import Design, Mint, design
from hometruth.experiment.drivers import DRIVERS, Driver, Onlooker
from hometruth.experiment.plan import Plan, bundled_plan, load_plan, parse_plan
from hometruth.experiment.planned import PlannedAction, PlannedSession
from hometruth.experiment.session import run_session

__all__ = [
    "DRIVERS",
    "Design",
    "Driver",
    "Mint",
    "Onlooker",
    "Plan",
    "PlannedAction",
    "PlannedSession",
    "bundled_plan",
    "design",
    "load_plan",
    "parse_plan",
    "run_session",
]
