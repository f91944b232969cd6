package io.relaunchguard.core.safety;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerFields;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.SafetyFacts.NamedBy;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Facts in which every predicate holds, one field each to deviate in: process 4711 holds the lock, is wedged and has
 * consented ten seconds ago; the launcher is process 5000.
 */
public final class Facts {

    public static final long HOLDER_PID = 4711;
    public static final long LAUNCHER_PID = 5000;

    public Observation<String> soleLauncher = Observation.seen("the launch lock is ours");
    public long launcherPid = LAUNCHER_PID;
    public Observation<String> host = Observation.seen("desk-7");
    public Observation<String> bootId = Observation.seen("0b1c5a9e-5f8d-4a58-9d5e-1f2a3b4c5d6e");
    public Observation<String> machineId = Observation.seen("7d4e1c0a9b8f4e21a6c5d3b2a1f0e9d8");
    public Observation<String> pidNamespace = Observation.seen("pid:[4026531836]");
    public Observation<String> user = Observation.seen("1000");
    public Observation<Duration> sinceBoot = Observation.seen(Duration.ofSeconds(86_410));
    public Observation<String> profile = Observation.seen("64769:1310722");
    public Observation<SingletonLock> lock = Observation.seen(new SingletonLock("desk-7", HOLDER_PID));
    public Observation<Long> pin = Observation.seen(HOLDER_PID);
    public Observation<SingletonLock> lockAfterPin = lock;
    public NamedBy namedBy = NamedBy.LOCK;
    public Observation<ProcessIdentity> otherInstance = Observation.absent("no other");
    public Duration maxMarkerAge = Duration.ofMinutes(5);

    public long holderPid = HOLDER_PID;
    public String holderStart = "8812345";
    public ExecutionState holderState = ExecutionState.RUNNING;
    public Observation<String> holderUser = Observation.seen("1000");
    public Observation<String> holderPidNamespace = Observation.seen("pid:[4026531836]");
    public Observation<String> holderExecutable = Observation.seen("/opt/app/app");
    public Observation<Lineage> holderLineage = Observation.seen(Lineage.UNRELATED);

    /** If set, what was seen instead of the holder above. */
    public @Nullable Observation<ProcessIdentity> insteadOfHolder;

    public final MarkerFields consent = new MarkerFields();

    /** If set, what was read instead of the consent above. */
    public @Nullable MarkerReading insteadOfConsent;

    /** Facts in which every predicate holds. */
    public static SafetyFacts consenting() {
        return consentingBut(facts -> {});
    }

    /** The same with some fields changed. */
    public static SafetyFacts consentingBut(Consumer<Facts> change) {
        Facts facts = new Facts();
        change.accept(facts);
        return facts.build();
    }

    /** Lets lock, pin, holder and marker agree on another pid. */
    public void everywherePid(long pid) {
        lockedBy("desk-7", pid);
        pin = Observation.seen(pid);
        holderPid = pid;
        consent.pid = pid;
    }

    /** Lets the lock say this, before the pin and after it. */
    public void lockedBy(String lockHost, long lockPid) {
        lock = Observation.seen(new SingletonLock(lockHost, lockPid));
        lockAfterPin = lock;
    }

    /** Lets the marker be this old, by the clock that runs since boot. */
    public void markerAge(Duration age) {
        sinceBoot = Observation.seen(consent.written.plus(age));
    }

    public SafetyFacts build() {
        Observation<ProcessIdentity> holder = insteadOfHolder != null
                ? insteadOfHolder
                : Observation.seen(new ProcessIdentity(
                        holderPid,
                        holderStart,
                        holderState,
                        holderUser,
                        holderPidNamespace,
                        holderExecutable,
                        holderLineage));
        MarkerReading marker = insteadOfConsent != null ? insteadOfConsent : new MarkerReading.Valid(consent.build());
        return new SafetyFacts(
                soleLauncher,
                new HostIdentity(
                        launcherPid,
                        host,
                        bootId,
                        machineId,
                        pidNamespace,
                        Observation.seen("time:[4026531834]"),
                        user),
                sinceBoot,
                profile,
                namedBy,
                lock,
                pin,
                holder,
                lockAfterPin,
                otherInstance,
                marker,
                maxMarkerAge);
    }
}
