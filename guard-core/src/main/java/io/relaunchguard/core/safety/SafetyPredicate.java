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
 * The conditions for a signal. Each is a pure function of the facts. All must hold before the grace period, again
 * before the request and again before force. Users are told the first that does not hold, in this order.
 *
 * <p>An <em>ancestor</em> of the launcher is not excluded: an application that restarts itself starts its successor as
 * a child, so the wedged process may well be the launcher's parent.
 */
public enum SafetyPredicate {
    /** There is a browser lock, or the record of a live instance, and it names a holder. */
    HOLDER_PRESENT(facts -> ifSeen(
            facts.lock(),
            lock -> holds("%s names process %d on \"%s\"".formatted(facts.namedBy(), lock.pid(), lock.host())))),

    /**
     * The PID is above 1 and in range before any narrowing conversion: 0, 1 and negative numbers address process groups
     * and init.
     */
    PID_IN_RANGE(facts -> ifSeen(
            facts.lock(),
            lock -> either(
                    CacheStatus.canName(lock.pid()),
                    "PID %d is in range".formatted(lock.pid()),
                    "PID %d is not one that a browser of this namespace can have".formatted(lock.pid())))),

    /** This host's own name is known. Without it, no other name can be compared. */
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

    /**
     * The process that the lock names is pinned: the guard has a process handle, so no other process can take its place
     * under the same PID.
     */
    PROCESS_PINNED(facts -> ifSeen(
            facts.pin(),
            pin -> ifSeen(facts.lock(), lock -> {
                if (pin != lock.pid()) {
                    return fails(
                            "the guard opened process %d, but %s names %d".formatted(pin, facts.namedBy(), lock.pid()));
                }
                long examined =
                        facts.holder().toOptional().map(holder -> holder.pid()).orElse(pin);
                return either(
                        pin == examined,
                        "the guard has a handle of process %d".formatted(pin),
                        "the guard opened process %d, but examined process %d".formatted(pin, examined));
            }))),

    /** The holder is alive. A zombie is not. */
    HOLDER_ALIVE(facts -> ifSeen(
            facts.holder(),
            holder -> either(
                    holder.state() != ExecutionState.EXITED,
                    "process %d is alive".formatted(holder.pid()),
                    "process %d has exited".formatted(holder.pid())))),

    /** The holder is not the launcher itself, nor a descendant of it. */
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
                                            : "process %d is not related to this launcher".formatted(holder.pid()),
                                    "process %d is this launcher or was started by it".formatted(holder.pid()))))),

    /** The holder runs as the launcher's user, in all of its user IDs. */
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

    /** The holder is in the launcher's PID namespace, so that its PID means the same to both. */
    SAME_PID_NAMESPACE(facts -> ifSeen(
            facts.holder(),
            holder -> ifSeen(
                    holder.pidNamespace(),
                    namespace -> ifSeen(
                            facts.host().pidNamespace(),
                            own -> either(
                                    namespace.equals(own),
                                    "process %d is in this PID namespace".formatted(holder.pid()),
                                    "process %d is in another PID namespace".formatted(holder.pid())))))),

    /** There is a consent marker that is complete and can be trusted. */
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

    /** The marker was written on this machine: the machine IDs are equal, or both are absent. */
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

    /** The marker was written in this boot. */
    MARKER_SAME_BOOT(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.host().bootId(),
                    boot -> either(
                            marker.bootId().equals(boot),
                            "the marker is of this boot",
                            "the marker was written in another boot")))),

    /** The marker was written in this PID namespace. */
    MARKER_SAME_PID_NAMESPACE(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.host().pidNamespace(),
                    namespace -> either(
                            marker.pidNamespace().equals(namespace),
                            "the marker is of this PID namespace",
                            "the marker was written in another PID namespace")))),

    /** The marker was written for this user. */
    MARKER_SAME_USER(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.host().user(),
                    user -> either(
                            marker.user().equals(user),
                            "the marker is this user's",
                            "the marker is for user %s".formatted(marker.user()))))),

    /** The marker is for exactly this profile directory, not for one that it was copied from. */
    MARKER_FOR_PROFILE(facts -> ifMarker(
            facts,
            marker -> ifSeen(
                    facts.profile(),
                    profile -> either(
                            marker.profile().equals(profile),
                            "the marker is for this profile",
                            "the marker is for another profile directory")))),

    /** The marker is recent enough and not from the future, by a clock that changes of the wall clock do not affect. */
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

    /** The marker names exactly this process: the PID and the start token are equal. */
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
                                    "the process that consented as %d is gone; another has its PID now"
                                            .formatted(holder.pid()))))),

    /**
     * The instance record names no other live process. If it does, one of the two processes is mistaken for the other.
     */
    NO_OTHER_INSTANCE(facts -> facts.otherInstance() instanceof Observation.Absent
            ? holds("no other instance was let through")
            : unknown(facts.otherInstance()
                    .toOptional()
                    .map(other -> "the instance record names another live process, %d".formatted(other.pid()))
                    .orElseGet(() -> facts.otherInstance().shortfall()))),

    /** The lock or record that names the holder is the same as before the process was pinned. */
    LOCK_UNCHANGED(facts -> ifSeen(
            facts.lock(),
            before -> facts.lockAfterPin() instanceof Observation.Unknown<SingletonLock> unknown
                    ? unknown(unknown.reason())
                    : either(
                            facts.lockAfterPin().is(before),
                            "%s is unchanged".formatted(facts.namedBy()),
                            "%s changed while the guard examined its process".formatted(facts.namedBy()))));

    // A stateless lambda is immutable, though its type cannot say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Function<SafetyFacts, Judgement> rule;

    SafetyPredicate(Function<SafetyFacts, Judgement> rule) {
        this.rule = rule;
    }

    /** Evaluates this predicate on the facts. */
    public PredicateResult evaluate(SafetyFacts facts) {
        Judgement judgement = rule.apply(facts);
        return new PredicateResult(this, judgement.truth(), judgement.detail());
    }

    /** Returns the name in reports and meters: lower case with hyphens. */
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

    /**
     * Applies the rule to an observed value. A value that provably does not exist fails the predicate; an unknown one
     * is UNKNOWN.
     */
    private static <T> Judgement ifSeen(Observation<T> observation, Function<T, Judgement> rule) {
        if (observation instanceof Observation.Seen<T> seen) {
            return rule.apply(seen.value());
        }
        return observation instanceof Observation.Absent<T> absent
                ? fails(absent.detail())
                : unknown(observation.shortfall());
    }

    private static Judgement ifMarker(SafetyFacts facts, Function<ConsentMarker, Judgement> rule) {
        return facts.marker() instanceof MarkerReading.Valid valid
                ? rule.apply(valid.marker())
                : unknown("there is no valid consent marker to compare");
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
