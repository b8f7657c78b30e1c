"""What the licences that several providers use allow, in one line each."""

CC0 = "any use, without conditions"
CC_BY = "any use, also commercial; name the source"
SANGER = "research and education; no commercial use, no passing on"
PER_RESOURCE = "each resource sets its own terms: ask them before any use that is not academic"
