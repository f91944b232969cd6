package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.ConsentStage;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.DryRun;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.engine.LaunchEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The process that holds the profile on behalf of this process: this process itself, or a browser in a process of its
 * own. That process has to consent, because the next launcher finds it in the lock.
 */
final class OutgoingHolder {

    /** The time that a browser may take to follow the request at the deadline. */
    private static final Duration REQUEST = Duration.ofSeconds(1);

    private final ProfilePorts ports;

    OutgoingHolder(ProfilePorts ports) {
        this.ports = ports;
    }

    /**
     * Returns the process that the lock names, if this process has started it, directly or not; otherwise this process.
     */
    ProcessIdentity find() {
        return find(ProcessHandle.current().pid());
    }

    /** Returns the same as {@link #find()} for the case that this process has that PID. */
    ProcessIdentity find(long self) {
        HostIdentity host = ports.host().read();
        if (ports.lock().read() instanceof Observation.Seen<SingletonLock> lock
                && host.host().is(lock.value().host())
                && lock.value().pid() != self
                && CacheStatus.canName(lock.value().pid())
                && ports.processes().pin(lock.value().pid()) instanceof Observation.Seen<PinnedProcess> pinned) {
            try (PinnedProcess process = pinned.value()) {
                Observation<ProcessIdentity> identity = process.identity();
                if (identity instanceof Observation.Seen<ProcessIdentity> seen
                        && seen.value().lineage().is(Lineage.DESCENDANT)) {
                    return seen.value();
                }
            }
        }
        return identified(self);
    }

    /**
     * Returns the process that the application names. It need not descend from this process. If there is a lock, the
     * lock must name it.
     *
     * @throws ConsentRefusedException if it cannot be identified, or is not the one in the lock
     */
    ProcessIdentity named(long pid) {
        Observation<SingletonLock> lock = ports.lock().read();
        boolean isInTheLock = ports.host().read().host() instanceof Observation.Seen<String> host
                && lock.is(new SingletonLock(host.value(), pid));
        if (!isInTheLock && !(lock instanceof Observation.Absent)) {
            throw new ConsentRefusedException("process %d does not hold the profile: %s"
                    .formatted(
                            pid,
                            lock.toOptional()
                                    .map(other ->
                                            "its lock names process %d on \"%s\"".formatted(other.pid(), other.host()))
                                    .orElseGet(lock::shortfall)));
        }
        return identified(pid);
    }

    /** Identifies the process, and pins none whose PID no application can have. */
    private ProcessIdentity identified(long pid) {
        Observation<PinnedProcess> pin = CacheStatus.canName(pid)
                ? ports.processes().pin(pid)
                : Observation.unknown("%d is not the PID of an application".formatted(pid));
        if (!(pin instanceof Observation.Seen<PinnedProcess> pinned)) {
            throw new ConsentRefusedException("process %d cannot be marked: %s".formatted(pid, pin.shortfall()));
        }
        try (PinnedProcess process = pinned.value()) {
            Observation<ProcessIdentity> identity = process.identity();
            return identity.toOptional()
                    .orElseThrow(() -> new ConsentRefusedException(
                            "process %d cannot be identified: %s".formatted(pid, identity.shortfall())));
        }
    }

    /**
     * Ends the browser that has this consent. Asks it, unless a launcher has done that already, and forces it if it has
     * not followed shortly after. Pins the browser before. Right before each signal, every fact must show that it is
     * the process that consented and has the lock; otherwise this sends nothing.
     *
     * @throws IOException if it is unknown how far launchers have used the consent; nothing was sent
     */
    void end(ConsentMarker consent) throws IOException, InterruptedException {
        if (!(ports.processes().pin(consent.pid()) instanceof Observation.Seen<PinnedProcess> pinned)) {
            return;
        }
        try (PinnedProcess browser = pinned.value()) {
            BlockingQueue<Boolean> exited = new LinkedBlockingQueue<>();
            browser.onExit(() -> exited.add(true));
            if (mayBeEnded(browser, consent)) {
                if (ports.markers().stage(consent.nonce()) != ConsentStage.ASKED) {
                    browser.requestExit();
                }
                var unused = ports.clock().poll(exited, ports.clock().nanoTime() + REQUEST.toNanos());
                if (!browser.hasExited() && mayBeEnded(browser, consent)) {
                    browser.forceExit();
                }
            }
        }
    }

    private boolean mayBeEnded(PinnedProcess browser, ConsentMarker consent) {
        DryRun now = new LaunchEngine(ports, LaunchPolicy.DEFAULT, List.of()).explain();
        return Verdict.judge(now.facts(), Verdict.PREDICATES_OF_AN_OUTGOING_PROCESS) instanceof Verdict.Reap reap
                && reap.holder().pid() == browser.pid()
                && reap.holder().pid() != now.facts().host().pid()
                && reap.holder().start().equals(consent.start())
                && browser.identity().map(ProcessIdentity::start).is(consent.start());
    }
}
