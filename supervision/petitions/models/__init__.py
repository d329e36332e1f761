"""The nouns of petitions. One file a few nouns; see the room's README for how they hang together."""

from supervision.petitions.models.complaint import (
    COMPLAINT_CATEGORIES,
    Complainant,
    ComplainantLook,
    Complaint,
    ComplaintChannel,
    ComplaintLikeness,
    ComplaintStage,
    ComplaintStep,
    SameGround,
    SameState,
    Verdict,
)
from supervision.petitions.models.complaint_end import ComplaintDisposal, ComplaintReopening
from supervision.petitions.models.lead import Contact, Lead, Measure, Plan, Service
from supervision.petitions.models.likeness import Likeness, LikenessGround, LikenessState
from supervision.petitions.models.lookback import Cause, Decision, LookBack, Meeting
from supervision.petitions.models.petition import (
    Category,
    Channel,
    Conclusion,
    MatterGrade,
    Petition,
    RankRule,
    Stage,
)
from supervision.petitions.models.petitioner import IdentityLook, Petitioner
from supervision.petitions.models.resolution import Disposal, Recheck, Resolution
from supervision.petitions.models.step import PetitionStep

__all__ = [
    "COMPLAINT_CATEGORIES",
    "Category",
    "Cause",
    "Channel",
    "Complainant",
    "ComplainantLook",
    "Complaint",
    "ComplaintChannel",
    "ComplaintDisposal",
    "ComplaintLikeness",
    "ComplaintReopening",
    "ComplaintStage",
    "ComplaintStep",
    "Conclusion",
    "Contact",
    "Decision",
    "Disposal",
    "IdentityLook",
    "Lead",
    "Likeness",
    "LikenessGround",
    "LikenessState",
    "LookBack",
    "MatterGrade",
    "Measure",
    "Meeting",
    "Petition",
    "PetitionStep",
    "Petitioner",
    "Plan",
    "RankRule",
    "Recheck",
    "Resolution",
    "SameGround",
    "SameState",
    "Service",
    "Stage",
    "Verdict",
]
