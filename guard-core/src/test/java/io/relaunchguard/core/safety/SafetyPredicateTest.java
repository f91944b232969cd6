package io.relaunchguard.core.safety;

import static io.relaunchguard.core.safety.Facts.consenting;
import static io.relaunchguard.core.safety.Facts.consentingBut;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.safety.PredicateResult.Truth;
import io.relaunchguard.core.safety.SafetyFacts.NamedBy;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class SafetyPredicateTest {

    private static final String WHY = "permission denied";
    private static final String NOT_THERE = "there is none";
    private static final String NO_MARKER = "there is no valid consent marker to compare";

    @ParameterizedTest
    @EnumSource
    void holdsOnAConsentingHolder(SafetyPredicate predicate) {
        PredicateResult result = predicate.evaluate(consenting());

        assertThat(result.predicate()).isEqualTo(predicate);
        assertThat(result.result()).isEqualTo(Truth.HOLDS);
        assertThat(result.detail()).isNotBlank();
    }

    @Test
    void areToldInThisOrder() {
        assertThat(SafetyPredicate.values())
                .extracting(SafetyPredicate::id)
                .containsExactly(
                        "holder-present",
                        "pid-in-range",
                        "local-host-known",
                        "same-host",
                        "sole-launcher",
                        "process-pinned",
                        "holder-alive",
                        "not-self",
                        "same-user",
                        "same-pid-namespace",
                        "marker-present",
                        "marker-same-host",
                        "marker-same-machine",
                        "marker-same-boot",
                        "marker-same-pid-namespace",
                        "marker-same-user",
                        "marker-for-profile",
                        "marker-fresh",
                        "marker-names-holder",
                        "no-other-instance",
                        "lock-unchanged");
    }

    @Test
    void haveTheSameIdInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertThat(SafetyPredicate.PID_IN_RANGE.id()).isEqualTo("pid-in-range");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    @Tag("H15")
    void careNothingForTheExecutable() {
        SafetyFacts facts = consentingBut(f -> {
            f.holderExecutable = Observation.seen("/opt/app/app (deleted)");
            f.consent.executable = "/tmp/.mount_app/app";
        });

        assertThat(SafetyPredicate.values())
                .allSatisfy(predicate ->
                        assertThat(predicate.evaluate(facts).result()).isEqualTo(Truth.HOLDS));
    }

    @Nested
    class HolderPresent extends Of {

        HolderPresent() {
            super(SafetyPredicate.HOLDER_PRESENT);
        }

        @Test
        void namesTheHolder() {
            holds(f -> {}, "the lock names process 4711 on \"desk-7\"");
        }

        @Test
        @Tag("H41")
        void saysWhatNamesTheHolder() {
            holds(f -> f.namedBy = NamedBy.RECORD, "the instance record names process 4711 on \"desk-7\"");
        }

        @Test
        void failsWithoutALock() {
            fails(f -> f.lock = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        @Tag("H12")
        @Tag("H22")
        void isUnknownWhenTheLockCannotBeRead() {
            isUnknown(f -> f.lock = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H06")
    class PidInRange extends Of {

        PidInRange() {
            super(SafetyPredicate.PID_IN_RANGE);
        }

        @ParameterizedTest
        @ValueSource(longs = {2, 3, 4711, Integer.MAX_VALUE - 1, Integer.MAX_VALUE})
        void holdsAboveInitAndWithinThirtyOneBits(long pid) {
            holds(f -> f.everywherePid(pid), "PID " + pid + " is in range");
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 0, -1, -4711, Integer.MIN_VALUE, Long.MIN_VALUE})
        void failsForInitAndGroups(long pid) {
            fails(f -> f.everywherePid(pid), "PID " + pid + " is not one that a browser of this namespace can have");
        }

        @ParameterizedTest
        @ValueSource(longs = {Integer.MAX_VALUE + 1L, 4_294_967_295L, 4_294_967_298L, 4_294_972_007L, Long.MAX_VALUE})
        void failsForNumbersThatNarrowingWouldTurnIntoOthers(long pid) {
            fails(f -> f.everywherePid(pid), "PID " + pid + " is not one that a browser of this namespace can have");
        }

        @Test
        void failsWithoutALock() {
            fails(f -> f.lock = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheLockCannotBeRead() {
            isUnknown(f -> f.lock = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H09")
    class LocalHostKnown extends Of {

        LocalHostKnown() {
            super(SafetyPredicate.LOCAL_HOST_KNOWN);
        }

        @Test
        void namesThisHost() {
            holds(f -> {}, "this host is \"desk-7\"");
        }

        @Test
        void failsWhenTheNameIsEmpty() {
            fails(f -> f.host = Observation.seen(""), "this host's own name is empty");
        }

        @Test
        void failsWhenThereIsNoName() {
            fails(f -> f.host = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheNameCannotBeRead() {
            isUnknown(f -> f.host = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H09")
    class SameHost extends Of {

        SameHost() {
            super(SafetyPredicate.SAME_HOST);
        }

        @Test
        void holdsForALockOfThisHost() {
            holds(f -> {}, "the lock was written on this host");
        }

        @Test
        void sparesAHolderOnAnotherHost() {
            fails(
                    f -> f.lockedBy("desk-8", Facts.HOLDER_PID),
                    "the lock was written on \"desk-8\", this host is \"desk-7\"");
        }

        @ParameterizedTest
        @ValueSource(strings = {"DESK-7", "desk-7.local", "desk-7 ", "desk", ""})
        void comparesNamesExactly(String other) {
            fails(
                    f -> f.lockedBy(other, Facts.HOLDER_PID),
                    "the lock was written on \"" + other + "\", this host is \"desk-7\"");
        }

        @Test
        void failsWithoutALock() {
            fails(f -> f.lock = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void failsWhenThisHostHasNoName() {
            fails(f -> f.host = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheLockCannotBeRead() {
            isUnknown(f -> f.lock = Observation.unknown(WHY), WHY);
        }

        @Test
        void isUnknownWhenThisHostsNameIs() {
            isUnknown(f -> f.host = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H07")
    class SoleLauncher extends Of {

        SoleLauncher() {
            super(SafetyPredicate.SOLE_LAUNCHER);
        }

        @Test
        void holdsWhenTheLaunchLockIsOurs() {
            holds(f -> {}, "no other launcher is at work");
        }

        @Test
        void failsWhileAnotherLauncherIsAtWork() {
            fails(f -> f.soleLauncher = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhereTheLaunchLockCannotBeHad() {
            isUnknown(f -> f.soleLauncher = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H02")
    class ProcessPinned extends Of {

        ProcessPinned() {
            super(SafetyPredicate.PROCESS_PINNED);
        }

        @Test
        void holdsWhenTheProcessInTheLockIsPinned() {
            holds(f -> {}, "the guard has a handle of process 4711");
        }

        @Test
        void failsWhenAnotherProcessIsPinned() {
            fails(f -> f.pin = Observation.seen(4712L), "the guard opened process 4712, but the lock names 4711");
        }

        @Test
        @Tag("H02")
        void failsWhenAnotherProcessThanThePinnedOneWasExamined() {
            fails(f -> f.holderPid = 4712, "the guard opened process 4711, but examined process 4712");
        }

        @Test
        @Tag("H06")
        void comparesPidsBeforeAnyNarrowing() {
            fails(
                    f -> f.pin = Observation.seen(Facts.HOLDER_PID + (1L << 32)),
                    "the guard opened process 4294972007, but the lock names 4711");
        }

        @Test
        void failsWhenThereIsNoProcessToPin() {
            fails(f -> f.pin = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhereTheSystemCannotPin() {
            isUnknown(f -> f.pin = Observation.unknown(WHY), WHY);
        }

        @Test
        void failsWithoutALock() {
            fails(f -> f.lock = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheLockCannotBeRead() {
            isUnknown(f -> f.lock = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H13")
    class HolderAlive extends Of {

        HolderAlive() {
            super(SafetyPredicate.HOLDER_ALIVE);
        }

        @ParameterizedTest
        @EnumSource(mode = Mode.EXCLUDE, names = "EXITED")
        void holdsForWhateverHasNotExited(ExecutionState state) {
            holds(f -> f.holderState = state, "process 4711 is alive");
        }

        @Test
        void failsForAZombie() {
            fails(f -> f.holderState = ExecutionState.EXITED, "process 4711 has exited");
        }

        @Test
        void failsWhenTheProcessIsGone() {
            fails(f -> f.insteadOfHolder = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        @Tag("H12")
        void isUnknownWhenTheProcessCannotBeExamined() {
            isUnknown(f -> f.insteadOfHolder = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H06")
    class NotSelf extends Of {

        NotSelf() {
            super(SafetyPredicate.NOT_SELF);
        }

        @Test
        void holdsForAnUnrelatedProcess() {
            holds(f -> {}, "process 4711 is not related to this launcher");
        }

        @Test
        void holdsForAnAncestor() {
            holds(f -> f.holderLineage = Observation.seen(Lineage.ANCESTOR), "process 4711 started this launcher");
        }

        @Test
        void sparesADescendant() {
            fails(
                    f -> f.holderLineage = Observation.seen(Lineage.DESCENDANT),
                    "process 4711 is this launcher or was started by it");
        }

        @Test
        void sparesItselfByLineage() {
            fails(
                    f -> f.holderLineage = Observation.seen(Lineage.SELF),
                    "process 4711 is this launcher or was started by it");
        }

        @ParameterizedTest
        @EnumSource
        void sparesItselfByPidWhateverTheLineage(Lineage lineage) {
            fails(
                    f -> {
                        f.everywherePid(Facts.LAUNCHER_PID);
                        f.holderLineage = Observation.seen(lineage);
                    },
                    "the lock names this launcher itself");
        }

        @Test
        void sparesItselfByPidWhenTheLineageIsUnknown() {
            fails(
                    f -> {
                        f.everywherePid(Facts.LAUNCHER_PID);
                        f.holderLineage = Observation.unknown(WHY);
                    },
                    "the lock names this launcher itself");
        }

        @Test
        void failsWhenThereIsNoLineage() {
            fails(f -> f.holderLineage = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheLineageIs() {
            isUnknown(f -> f.holderLineage = Observation.unknown(WHY), WHY);
        }

        @Test
        void failsWhenTheProcessIsGone() {
            fails(f -> f.insteadOfHolder = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheProcessCannotBeExamined() {
            isUnknown(f -> f.insteadOfHolder = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H20")
    class SameUser extends Of {

        SameUser() {
            super(SafetyPredicate.SAME_USER);
        }

        @Test
        void holdsForThisUsersProcess() {
            holds(f -> {}, "process 4711 runs as this user");
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", "1001", "1000/0/1000", "1000 ", "10"})
        void sparesAnotherUsersProcess(String other) {
            fails(
                    f -> f.holderUser = Observation.seen(other),
                    "process 4711 runs as user " + other + ", this is user 1000");
        }

        @Test
        void failsWhenTheHolderHasNoUser() {
            fails(f -> f.holderUser = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void failsWhenTheLauncherHasNoUser() {
            fails(f -> f.user = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheHoldersUserIs() {
            isUnknown(f -> f.holderUser = Observation.unknown(WHY), WHY);
        }

        @Test
        void isUnknownWhenTheLaunchersOwnUserIs() {
            isUnknown(f -> f.user = Observation.unknown(WHY), WHY);
        }

        @Test
        void isUnknownWhenNeitherUserIsKnown() {
            isUnknown(
                    f -> {
                        f.holderUser = Observation.unknown(WHY);
                        f.user = Observation.unknown(WHY);
                    },
                    WHY);
        }

        @Test
        void failsWhenTheProcessIsGone() {
            fails(f -> f.insteadOfHolder = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheProcessCannotBeExamined() {
            isUnknown(f -> f.insteadOfHolder = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H10")
    class SamePidNamespace extends Of {

        SamePidNamespace() {
            super(SafetyPredicate.SAME_PID_NAMESPACE);
        }

        @Test
        void holdsInThisNamespace() {
            holds(f -> {}, "process 4711 is in this PID namespace");
        }

        @Test
        void sparesAProcessOfAnotherNamespace() {
            fails(
                    f -> f.holderPidNamespace = Observation.seen("pid:[4026532999]"),
                    "process 4711 is in another PID namespace");
        }

        @Test
        void failsWhenTheHolderHasNone() {
            fails(f -> f.holderPidNamespace = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void failsWhenTheLauncherHasNone() {
            fails(f -> f.pidNamespace = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheHoldersIs() {
            isUnknown(f -> f.holderPidNamespace = Observation.unknown(WHY), WHY);
        }

        @Test
        void isUnknownWhenTheLaunchersOwnIs() {
            isUnknown(f -> f.pidNamespace = Observation.unknown(WHY), WHY);
        }

        @Test
        void failsWhenTheProcessIsGone() {
            fails(f -> f.insteadOfHolder = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheProcessCannotBeExamined() {
            isUnknown(f -> f.insteadOfHolder = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H05")
    class MarkerPresent extends Of {

        MarkerPresent() {
            super(SafetyPredicate.MARKER_PRESENT);
        }

        @Test
        void holdsForAValidMarker() {
            holds(f -> {}, "there is a consent marker");
        }

        @Test
        void sparesWhoeverHasNotConsented() {
            fails(
                    f -> f.insteadOfConsent = new MarkerReading.Absent(),
                    "no process has consented to be ended: there is no consent marker");
        }

        @Test
        void failsForAMarkerThatMustNotBeBelieved() {
            fails(
                    f -> f.insteadOfConsent = new MarkerReading.Invalid("it is a link"),
                    "there is no valid consent: it is a link");
        }

        @Test
        @Tag("H12")
        void isUnknownWhenTheMarkerCannotBeRead() {
            isUnknown(
                    f -> f.insteadOfConsent = new MarkerReading.Unreadable(WHY),
                    "the consent marker cannot be read: permission denied");
        }
    }

    @Nested
    @Tag("H05")
    @Tag("H09")
    class MarkerSameHost extends OfTheMarker {

        MarkerSameHost() {
            super(SafetyPredicate.MARKER_SAME_HOST);
        }

        @Test
        void holdsForAMarkerOfThisHost() {
            holds(f -> {}, "the marker was written on this host");
        }

        @Test
        void failsForAMarkerOfAnotherHost() {
            fails(f -> f.consent.host = "desk-8", "the marker was written on \"desk-8\"");
        }

        @Test
        void failsWhenThisHostHasNoName() {
            fails(f -> f.host = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenThisHostsNameIs() {
            isUnknown(f -> f.host = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H05")
    @Tag("H10")
    class MarkerSameMachine extends OfTheMarker {

        MarkerSameMachine() {
            super(SafetyPredicate.MARKER_SAME_MACHINE);
        }

        @Test
        void holdsForAMarkerOfThisMachine() {
            holds(f -> {}, "the marker was written on this machine");
        }

        @Test
        void holdsWhereNeitherHasAnId() {
            holds(
                    f -> {
                        f.machineId = Observation.absent(NOT_THERE);
                        f.consent.machineId = "";
                    },
                    "this machine and the marker have no machine id");
        }

        @Test
        void failsForAMarkerOfAnotherMachine() {
            fails(f -> f.consent.machineId = "0000", "the marker was written on another machine");
        }

        @Test
        void failsForAMarkerWithoutTheIdThatThisMachineHas() {
            fails(f -> f.consent.machineId = "", "the marker was written on another machine");
        }

        @Test
        void failsForAMarkerWithAnIdWhereThisMachineHasNone() {
            fails(
                    f -> f.machineId = Observation.absent(NOT_THERE),
                    "the marker names a machine id, this machine has none");
        }

        @Test
        @Tag("H12")
        void isUnknownWhenTheMachinesIdIs() {
            isUnknown(f -> f.machineId = Observation.unknown(WHY), WHY);
        }

        @Test
        @Tag("H12")
        void takesAnUnknownIdNotForNone() {
            isUnknown(
                    f -> {
                        f.machineId = Observation.unknown(WHY);
                        f.consent.machineId = "";
                    },
                    WHY);
        }
    }

    @Nested
    @Tag("H05")
    @Tag("H10")
    @Tag("H14")
    class MarkerSameBoot extends OfTheMarker {

        MarkerSameBoot() {
            super(SafetyPredicate.MARKER_SAME_BOOT);
        }

        @Test
        void holdsForAMarkerOfThisBoot() {
            holds(f -> {}, "the marker is of this boot");
        }

        @Test
        void failsForAMarkerOfAnotherBoot() {
            fails(f -> f.consent.bootId = "another", "the marker was written in another boot");
        }

        @Test
        void failsWhenThisBootHasNoId() {
            fails(f -> f.bootId = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenThisBootIs() {
            isUnknown(f -> f.bootId = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H05")
    @Tag("H10")
    class MarkerSamePidNamespace extends OfTheMarker {

        MarkerSamePidNamespace() {
            super(SafetyPredicate.MARKER_SAME_PID_NAMESPACE);
        }

        @Test
        void holdsForAMarkerOfThisNamespace() {
            holds(f -> {}, "the marker is of this PID namespace");
        }

        @Test
        void failsForAMarkerOfAnotherNamespace() {
            fails(f -> f.consent.pidNamespace = "pid:[4026532999]", "the marker was written in another PID namespace");
        }

        @Test
        void failsWhenTheLauncherHasNone() {
            fails(f -> f.pidNamespace = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheLaunchersOwnIs() {
            isUnknown(f -> f.pidNamespace = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H05")
    @Tag("H20")
    class MarkerSameUser extends OfTheMarker {

        MarkerSameUser() {
            super(SafetyPredicate.MARKER_SAME_USER);
        }

        @Test
        void holdsForThisUsersMarker() {
            holds(f -> {}, "the marker is this user's");
        }

        @Test
        void failsForAnotherUsersMarker() {
            fails(f -> f.consent.user = "1001", "the marker is for user 1001");
        }

        @Test
        void failsWhenTheLauncherHasNoUser() {
            fails(f -> f.user = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheLaunchersOwnUserIs() {
            isUnknown(f -> f.user = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H05")
    @Tag("H20")
    class MarkerForProfile extends OfTheMarker {

        MarkerForProfile() {
            super(SafetyPredicate.MARKER_FOR_PROFILE);
        }

        @Test
        void holdsForThisProfilesMarker() {
            holds(f -> {}, "the marker is for this profile");
        }

        @Test
        void failsForAMarkerThatWasCopiedHere() {
            fails(f -> f.consent.profile = "64769:1310723", "the marker is for another profile directory");
        }

        @Test
        void failsWhenTheProfileIsNotThere() {
            fails(f -> f.profile = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheProfileIs() {
            isUnknown(f -> f.profile = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H05")
    @Tag("H14")
    class MarkerFresh extends OfTheMarker {

        MarkerFresh() {
            super(SafetyPredicate.MARKER_FRESH);
        }

        @Test
        void holdsForAYoungMarker() {
            holds(f -> f.markerAge(Duration.ofMillis(1500)), "the marker is 1.5 s old");
        }

        @Test
        void holdsForAMarkerOfThisMoment() {
            holds(f -> f.markerAge(Duration.ZERO), "the marker is 0.0 s old");
        }

        @Test
        void holdsAtExactlyTheLimit() {
            holds(f -> f.markerAge(f.maxMarkerAge), "the marker is 300.0 s old");
        }

        @Test
        void failsOneMillisecondOverTheLimit() {
            fails(
                    f -> f.markerAge(f.maxMarkerAge.plusMillis(1)),
                    "the marker is 300.0 s old, at most 300.0 s are allowed");
        }

        @Test
        void failsOneNanosecondOverTheLimit() {
            fails(
                    f -> f.markerAge(f.maxMarkerAge.plusNanos(1)),
                    "the marker is 300.0 s old, at most 300.0 s are allowed");
        }

        @Test
        void goesByTheLimitItIsGiven() {
            fails(
                    f -> f.maxMarkerAge = Duration.ofMillis(9_999),
                    "the marker is 10.0 s old, at most 10.0 s are allowed");
        }

        @Test
        void failsForAMarkerFromTheFuture() {
            fails(f -> f.markerAge(Duration.ofMillis(-1)), "the marker was written in the future");
        }

        @Test
        void failsForAMarkerFromTheFarFuture() {
            fails(
                    f -> f.consent.written = Duration.ofMillis(999_999_999_999_999_999L),
                    "the marker was written in the future");
        }

        @Test
        void caresNothingForTheWallClock() {
            holds(
                    f -> f.consent.writtenAt = f.consent.writtenAt.plus(Duration.ofDays(400)),
                    "the marker is 10.0 s old");
        }

        @Test
        void failsWhereThereIsNoTimeSinceBoot() {
            fails(f -> f.sinceBoot = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheTimeSinceBootIs() {
            isUnknown(f -> f.sinceBoot = Observation.unknown(WHY), WHY);
        }

        @Test
        void tellsTheAgeAlikeInEveryLocale() {
            Locale before = Locale.getDefault();
            try {
                Locale.setDefault(Locale.GERMANY);
                holds(f -> f.markerAge(Duration.ofMillis(1500)), "the marker is 1.5 s old");
            } finally {
                Locale.setDefault(before);
            }
        }
    }

    @Nested
    @Tag("H02")
    @Tag("H05")
    class MarkerNamesHolder extends OfTheMarker {

        MarkerNamesHolder() {
            super(SafetyPredicate.MARKER_NAMES_HOLDER);
        }

        @Test
        void holdsForTheProcessThatConsented() {
            holds(f -> {}, "process 4711 has consented");
        }

        @Test
        void failsForTheConsentOfAnotherProcess() {
            fails(f -> f.consent.pid = 4712, "process 4712 has consented, not the holder, process 4711");
        }

        @Test
        @Tag("H06")
        void comparesPidsBeforeAnyNarrowing() {
            fails(
                    f -> f.consent.pid = Facts.HOLDER_PID + (1L << 32),
                    "process 4294972007 has consented, not the holder, process 4711");
        }

        @ParameterizedTest
        @ValueSource(strings = {"8812346", "08812345", "8812345 ", "88123450"})
        void failsForASuccessorUnderTheSamePid(String start) {
            fails(f -> f.holderStart = start, "the process that consented as 4711 is gone; another has its PID now");
        }

        @Test
        void failsWhenTheProcessIsGone() {
            fails(f -> f.insteadOfHolder = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheProcessCannotBeExamined() {
            isUnknown(f -> f.insteadOfHolder = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H30")
    @Tag("H41")
    class NoOtherInstance extends Of {

        NoOtherInstance() {
            super(SafetyPredicate.NO_OTHER_INSTANCE);
        }

        @Test
        void holdsWhereTheRecordNamesNobodyElse() {
            holds(f -> {}, "no other instance was let through");
        }

        @Test
        void isUnknownWhereTheRecordNamesAnotherLiveProcess() {
            isUnknown(
                    f -> f.otherInstance = Facts.consenting().holder(),
                    "the instance record names another live process, 4711");
        }

        @Test
        @Tag("H12")
        void isUnknownWhereThatCannotBeTold() {
            isUnknown(f -> f.otherInstance = Observation.unknown(WHY), WHY);
        }
    }

    @Nested
    @Tag("H02")
    class LockUnchanged extends Of {

        LockUnchanged() {
            super(SafetyPredicate.LOCK_UNCHANGED);
        }

        @Test
        void holdsForTheSameLock() {
            holds(f -> {}, "the lock is unchanged");
        }

        @Test
        void failsWhenTheLockNamesAnotherProcessNow() {
            fails(
                    f -> f.lockAfterPin = Observation.seen(new SingletonLock("desk-7", 4712)),
                    "the lock changed while the guard examined its process");
        }

        @Test
        void failsWhenTheLockNamesAnotherHostNow() {
            fails(
                    f -> f.lockAfterPin = Observation.seen(new SingletonLock("desk-8", Facts.HOLDER_PID)),
                    "the lock changed while the guard examined its process");
        }

        @Test
        void failsWhenTheLockIsGone() {
            fails(
                    f -> f.lockAfterPin = Observation.absent(NOT_THERE),
                    "the lock changed while the guard examined its process");
        }

        @Test
        @Tag("H12")
        void isUnknownWhenTheLockCannotBeReadAgain() {
            isUnknown(f -> f.lockAfterPin = Observation.unknown(WHY), WHY);
        }

        @Test
        void failsWithoutALockBefore() {
            fails(f -> f.lock = Observation.absent(NOT_THERE), NOT_THERE);
        }

        @Test
        void isUnknownWhenTheLockCouldNotBeReadBefore() {
            isUnknown(f -> f.lock = Observation.unknown(WHY), WHY);
        }
    }

    /** What the tests of one predicate say. */
    private abstract static class Of {

        private final SafetyPredicate predicate;

        Of(SafetyPredicate predicate) {
            this.predicate = predicate;
        }

        final void holds(Consumer<Facts> change, String detail) {
            says(change, Truth.HOLDS, detail);
        }

        final void fails(Consumer<Facts> change, String detail) {
            says(change, Truth.FAILS, detail);
        }

        final void isUnknown(Consumer<Facts> change, String detail) {
            says(change, Truth.UNKNOWN, detail);
        }

        private void says(Consumer<Facts> change, Truth result, String detail) {
            assertThat(predicate.evaluate(consentingBut(change)))
                    .isEqualTo(new PredicateResult(predicate, result, detail));
        }
    }

    /** What holds for every predicate on the marker's content. */
    private abstract static class OfTheMarker extends Of {

        OfTheMarker(SafetyPredicate predicate) {
            super(predicate);
        }

        @Test
        void isUnknownWithoutAValidMarker() {
            List<MarkerReading> readings = List.of(
                    new MarkerReading.Absent(), new MarkerReading.Invalid(WHY), new MarkerReading.Unreadable(WHY));

            assertThat(readings).allSatisfy(reading -> isUnknown(f -> f.insteadOfConsent = reading, NO_MARKER));
        }
    }
}
