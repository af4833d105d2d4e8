"""What a code says, held against the numbers beside it."""

from service.weather.derived import believable
from service.weather.model import Condition, DetailedCondition, Intensity

_DRY_THUNDER = DetailedCondition(Condition.THUNDER, Intensity.DRY)


def held_against(
    condition: DetailedCondition, temperature: float | None, precipitation: float | None
) -> DetailedCondition:
    """Thunder without rain is dry, and no ice falls through warm air.

    Models give thunder codes under hot, humid skies from which nothing falls: that is thunder, no storm.
    """
    if condition.kind is Condition.THUNDER and precipitation == 0:
        return _DRY_THUNDER
    return believable(condition, temperature)
