package io.relaunchguard.core.safety;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.safety.PredicateResult.Truth;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/**
 * The conditions for a signal. Each is a pure function of the facts; all must hold before the grace, again before the
 * request and again before force. The order is the order in which a user is told the reason.
 *
 * <p>An <em>ancestor</em> of the launcher is not excluded: an app that restarts itself starts its successor as a child, so
 * the wedged process may well be the launcher's parent.
 */
public enum SafetyPredicate {
    /** There is a lock, or the record of a live instance, and it names a holder. */
    HOLDER_PRESENT(facts -> ifSeen(
            facts.lock(),
            lock -> holds("%s names process %d on \"%s\"".formatted(facts.namedBy(), lock.pid(), lock.host())))),

    /** The pid is above 1 and in range before any narrowing: 0, 1 and negative numbers address groups and init. */
    PID_IN_RANGE(facts -> ifSeen(
            facts.lock(),
            lock -> either(
                    CacheStatus.canName(lock.pid()),
                    "pid %d is in range".formatted(lock.pid()),
                    "pid %d is not one that a browser of this namespace can have".formatted(lock.pid())))),

    /** This host's own name is known; without it no other name can be compared. */
    LOCAL_HOST_KNOWN(facts -> ifSeen(
            facts.host().host(),
            host -> either(!host.isEmpty(), "this host is \"%s\"".formatted(host), "this host's own name is empty"))),

    /** The lock was written on this host. */
    SAME_HOST(facts -> ifSeen(
            facts.lock(),
            lock -> ifSeen(
                    facts.host().host(),
                    host -> either(
                            host.equals(lock.host()),
                            "the lock was written on this host",
                            "the lock was written on \"%s\", this host is \"%s\"".formatted(lock.host(), host))))),

    /** No other launcher is at work on the profile. */
    SOLE_LAUNCHER(facts -> ifSeen(facts.soleLauncher(), lock -> holds("no other launcher is at work"))),

    /** The process that the lock names is held fast, so that no other can take its place under the same pid. */
    PROCESS_PINNED(facts -> ifSeen(
            facts.pin(),
            pin -> ifSeen(facts.lock(), lock -> {
                if (pin != lock.pid()) {
                    return fails("process %d is pinned, %s names %d".formatted(pin, facts.namedBy(), lock.pid()));
                }
                long examined =
                        facts.holder().toOptional().map(holder -> holder.pid()).orElse(pin);
                return either(
                        pin == examined,
                        "process %d is pinned".formatted(pin),
                        "process %d is pinned, process %d was examined".formatted(pin, examined));
            }))),

    /** The holder is alive: a zombie is not. */
    HOLDER_ALIVE(facts -> ifSeen(
            facts.holder(),
            holder -> either(
                    holder.state() != ExecutionState.EXITED,
                    "process %d is alive".formatted(holder.pid()),
                    "process %d has exited".formatted(holder.pid())))),

    /** The holder is not the launcher itself, and was not started by it. */
    NOT_SELF(facts -> ifSeen(
            facts.holder(),
            holder -> holder.pid() == facts.host().pid()
                    ? fails("%s names this launcher itself".formatted(facts.namedBy()))
                    : ifSeen(
                            holder.lineage(),
                            lineage -> either(
                                    lineage == Lineage.UNRELATED || lineage == Lineage.ANCESTOR,
                                    lineage == Lineage.ANCESTOR
                                            ? "process %d started this launcher".formatted(holder.pid())
                                            : "process %d is not of this launcher's line".formatted(holder.pid()),
                                    "process %d belongs to this launcher".formatted(holder.pid()))))),

    /** The holder runs as the launcher's own user, in every one of its ids. */
    SAME_USER(facts -> ifSeen(
            facts.holder(),
            holder -> ifSeen(
                    holder.user(),
                    user -> ifSeen(
                            facts.host().user(),
                            own -> either(
                                    user.equals(own),
                                    "process %d runs as this user".formatted(holder.pid()),
                                    "process %d runs as user %s, this is user %s"
                                            .formatted(holder.pid(), user, own)))))),

    /** The holder lives in the launcher's pid namespace, so that its number means the same to both. */
    SAME_PID_NAMESPACE(facts -> ifSeen(
            facts.holder(),
            holder -> ifSeen(
                    holder.pidNamespace(),
                    namespace -> ifSeen(
                            facts.host().pidNamespace(),
                            own -> either(
                                    namespace.equals(own),
                                    "process %d is in this pid namespace".formatted(holder.pid()),
                                    "process %d is in another pid namespace".formatted(holder.pid())))))),

    /** There is a consent marker, whole and ours. */
    MARKER_PRESENT(facts -> {
        MarkerReading marker = facts.marker();
        if (marker instanceof MarkerReading.Valid) {
            return holds("there is a consent marker");
        }
        if (marker instanceof MarkerReading.Invalid invalid) {
            return fails("there is no valid consent: " + invalid.reason());
        }
        if (marker instanceof MarkerReading.Unreadable unreadable) {
            return unknown("the consent marker cannot be read: " + unreadable.reason());
        }
        return fails("no process has consented to be ended: there is no consent marker");
    }),

    /** The marker was written on this host. */
    MARKER_SAME_HOST(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.host().host(),
                    host -> either(
                            marker.host().equals(host),
                            "the marker was written on this host",
                            "the marker was written on \"%s\"".formatted(marker.host()))))),

    /** The marker was written on this machine: equal ids, or none on either side. */
    MARKER_SAME_MACHINE(facts -> ifMarker(
            facts,
            marker -> facts.host().machineId() instanceof Observation.Absent
                    ? either(
                            marker.machineId().isEmpty(),
                            "this machine and the marker have no machine id",
                            "the marker names a machine id, this machine has none")
                    : ifSeen(
                            facts.host().machineId(),
                            machine -> either(
                                    marker.machineId().equals(machine),
                                    "the marker was written on this machine",
                                    "the marker was written on another machine")))),

    /** The marker was written since this boot. */
    MARKER_SAME_BOOT(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.host().bootId(),
                    boot -> either(
                            marker.bootId().equals(boot),
                            "the marker is of this boot",
                            "the marker was written in another boot")))),

    /** The marker was written in this pid namespace. */
    MARKER_SAME_PID_NAMESPACE(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.host().pidNamespace(),
                    namespace -> either(
                            marker.pidNamespace().equals(namespace),
                            "the marker is of this pid namespace",
                            "the marker was written in another pid namespace")))),

    /** The marker was written for this user. */
    MARKER_SAME_USER(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.host().user(),
                    user -> either(
                            marker.user().equals(user),
                            "the marker is this user's",
                            "the marker is for user %s".formatted(marker.user()))))),

    /** The marker is for this very profile directory, not for one it was copied from. */
    MARKER_FOR_PROFILE(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.profile(),
                    profile -> either(
                            marker.profile().equals(profile),
                            "the marker is for this profile",
                            "the marker is for another profile directory")))),

    /** The marker is young enough, by a clock that no wall-clock step moves, and not from the future. */
    MARKER_FRESH(facts -> ifMarker(
            facts,
            marker -> ifSeen(facts.sinceBoot(), now -> {
                Duration age = now.minus(marker.written());
                if (age.isNegative()) {
                    return fails("the marker was written in the future");
                }
                return either(
                        age.compareTo(facts.maxMarkerAge()) <= 0,
                        "the marker is %s old".formatted(seconds(age)),
                        "the marker is %s old, at most %s are allowed"
                                .formatted(seconds(age), seconds(facts.maxMarkerAge())));
            }))),

    /** The marker names this very process: the same id and the same start. */
    MARKER_NAMES_HOLDER(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.holder(),
                    holder -> marker.pid() != holder.pid()
                            ? fails("process %d has consented, not the holder, process %d"
                                    .formatted(marker.pid(), holder.pid()))
                            : either(
                                    marker.start().equals(holder.start()),
                                    "process %d has consented".formatted(holder.pid()),
                                    "the process that consented as %d is gone; another has its pid now"
                                            .formatted(holder.pid()))))),

    /** No other live process is recorded as the instance that was let through: then one of the two is taken for the other. */
    NO_OTHER_INSTANCE(facts -> facts.otherInstance() instanceof Observation.Absent
            ? holds("no other instance was let through")
            : unknown(facts.otherInstance()
                    .toOptional()
                    .map(other -> "the instance record names another live process, %d".formatted(other.pid()))
                    .orElseGet(() -> facts.otherInstance().shortfall()))),

    /** What names the holder is still as it was read before the pin. */
    LOCK_UNCHANGED(facts -> ifSeen(
            facts.lock(),
            before -> facts.lockAfterPin() instanceof Observation.Unknown<SingletonLock> unknown
                    ? unknown(unknown.reason())
                    : either(
                            facts.lockAfterPin().is(before),
                            "%s is unchanged".formatted(facts.namedBy()),
                            "%s changed while it was looked at".formatted(facts.namedBy()))));

    // A lambda without state is immutable, though its type cannot say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Function<LaunchFacts, Judgement> rule;

    SafetyPredicate(Function<LaunchFacts, Judgement> rule) {
        this.rule = rule;
    }

    /** Judges the facts. */
    public PredicateResult evaluate(LaunchFacts facts) {
        Judgement judgement = rule.apply(facts);
        return new PredicateResult(this, judgement.truth(), judgement.detail());
    }

    /** The name in reports and meters: lower case with hyphens. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private record Judgement(Truth truth, String detail) {}

    private static Judgement holds(String detail) {
        return new Judgement(Truth.HOLDS, detail);
    }

    private static Judgement fails(String detail) {
        return new Judgement(Truth.FAILS, detail);
    }

    private static Judgement unknown(String detail) {
        return new Judgement(Truth.UNKNOWN, detail);
    }

    private static Judgement either(boolean condition, String ifSo, String ifNot) {
        return condition ? holds(ifSo) : fails(ifNot);
    }

    /** What is provably not there fails; what cannot be told is unknown. */
    private static <T> Judgement ifSeen(Observation<T> observation, Function<T, Judgement> rule) {
        if (observation instanceof Observation.Seen<T> seen) {
            return rule.apply(seen.value());
        }
        return observation instanceof Observation.Absent<T> absent
                ? fails(absent.detail())
                : unknown(observation.shortfall());
    }

    private static Judgement ifMarker(LaunchFacts facts, Function<ConsentMarker, Judgement> rule) {
        return facts.marker() instanceof MarkerReading.Valid valid
                ? rule.apply(valid.marker())
                : unknown("there is no valid marker to compare");
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
