"""Settings of the QuickSight dashboard: whose it is, how much it may hold, how it is refreshed."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from flowlogs.setting_types import AccountId, PositiveCount, Region, Section
from flowlogs.targets import ACCOUNT_PATTERN

PrincipalArn = Annotated[
    str,
    Field(
        pattern=rf"^arn:aws[a-z-]*:quicksight:[a-z0-9-]+:{ACCOUNT_PATTERN}:(user|group|namespace)/[A-Za-z0-9._/@+=-]{{1,200}}$"
    ),
]
"""A QuickSight user, group or namespace: arn:aws:quicksight:region:account:group/default/name."""

PrincipalName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._/@+=-]{1,128}$")]
"""A user's or group's name in the rules of row-level security. It ends in SQL text."""

RoleArn = Annotated[str, Field(pattern=rf"^arn:aws[a-z-]*:iam::{ACCOUNT_PATTERN}:role/[A-Za-z0-9+=,.@_/-]{{1,512}}$")]

TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class AccessRule(Section):
    """Whose accounts a user or group sees. Who has no rule sees no rows; owners of a data set see all."""

    group: PrincipalName | None = Field(default=None, description="QuickSight group; this or user.")
    user: PrincipalName | None = Field(default=None, description="QuickSight user; this or group.")
    accounts: tuple[AccountId, ...] = Field(
        default=(), description="AWS accounts whose rows are seen; empty for all accounts."
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.group is None) == (self.user is None):
            raise ValueError("needs a group or a user, and not both")
        return self


class FullRefresh(Section):
    """When QuickSight itself reads all days again, which drops those that are older than history_days."""

    day: Weekday = Field(default="sunday", description="Day of the week.")
    time: TimeOfDay = Field(
        default="12:00", description="Time of day (UTC) as '12:00'; after the day's run of the pipeline."
    )


class QuickSight(Section):
    """The QuickSight dashboard, which flow_logs_setup makes of the definitions in include/quicksight/."""

    enabled: bool = Field(default=False, description="Whether there is a dashboard; the account needs QuickSight.")
    account_id: AccountId | None = Field(
        default=None, description="AWS account of QuickSight; empty for the account of aws.conn_id."
    )
    region: Region | None = Field(default=None, description="Region of the dashboard's data; empty for aws.region.")
    edition: Literal["standard", "enterprise"] = Field(
        default="enterprise",
        description=(
            "QuickSight's edition; standard has no folders, no incremental refresh and no row-level security, and "
            "every refresh reads all days."
        ),
    )
    athena_role_arn: RoleArn | None = Field(
        default=None,
        description="Role that QuickSight reads Athena and S3 with; empty for the account's QuickSight service role.",
    )
    owners: tuple[PrincipalArn, ...] = Field(
        default=(),
        description=(
            "QuickSight users and groups that may change what setup makes: "
            "arn:aws:quicksight:region:account:group/default/name."
        ),
    )
    viewers: tuple[PrincipalArn, ...] = Field(
        default=(),
        description=(
            "QuickSight users, groups and namespaces that may see the dashboard: "
            "arn:aws:quicksight:region:account:namespace/default."
        ),
    )
    row_level_security: tuple[AccessRule, ...] = Field(
        default=(), description="Who sees the rows of which accounts; empty for everybody all."
    )
    history_days: PositiveCount = Field(default=90, description="Days that a full refresh reads.")
    look_back_days: PositiveCount = Field(
        default=3, description="Days that an incremental refresh reads again; the newest day is one of them."
    )
    max_rows_per_day: Annotated[int, Field(ge=100)] = Field(
        default=20_000,
        description=(
            "Rows of a day in the data set of traffic at most; what has little traffic is added up as 'other', by "
            "interface, and what is then left by account, region and action."
        ),
    )
    full_refresh: FullRefresh | None = Field(
        default_factory=FullRefresh,
        description="When QuickSight itself reads all days again; null for never.",
    )
    refresh_reserve: Annotated[int, Field(ge=0, le=31)] = Field(
        default=4,
        description=(
            "Refreshes of a data set that the pipeline leaves to people, of those that QuickSight allows in 24 hours: "
            "32 in the enterprise edition, 8 in standard."
        ),
    )
    refresh_timeout_minutes: PositiveCount = Field(
        default=120,
        description="Minutes that a try of a refresh may wait and run; an ingestion of ours is then cancelled.",
    )
    settle_minutes: Annotated[int, Field(ge=0)] = Field(
        default=30,
        description=(
            "Minutes at most that a refresh waits for other days that are being processed, so that days which are "
            "backfilled together share one refresh."
        ),
    )
    console_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s\"'<>]+/)?$",
        description="Where QuickSight's pages are, ending in a slash; empty for AWS's own of the region.",
    )
    on_drift: Literal["repair", "report"] = Field(
        default="repair", description="What differs from the definitions: repair it, or only report it."
    )

    @field_validator("owners")
    @classmethod
    def _own_data_sets(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        namespaces = [principal for principal in value if ":namespace/" in principal]
        if namespaces:
            raise ValueError(f"names {', '.join(namespaces)}; data sets belong to users and groups, name those")
        return value

    @field_validator("row_level_security")
    @classmethod
    def _once_each(cls, value: tuple[AccessRule, ...]) -> tuple[AccessRule, ...]:
        named = [(rule.group, rule.user) for rule in value]
        repeated = sorted({group or user or "" for group, user in named if named.count((group, user)) > 1})
        if repeated:
            raise ValueError(f"names {', '.join(map(repr, repeated))} twice; put the accounts into one rule")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.look_back_days > self.history_days:
            raise ValueError(
                f"look_back_days is {self.look_back_days}, longer than history_days {self.history_days}; make it shorter"
            )
        if self.edition == "standard" and self.refresh_reserve > 7:
            raise ValueError(
                f"refresh_reserve is {self.refresh_reserve}; the standard edition has 8 refreshes a day, leave some to the "
                "pipeline"
            )
        if self.edition == "standard" and self.row_level_security:
            raise ValueError("row_level_security needs the edition enterprise; leave the rules out, or change edition")
        return self
