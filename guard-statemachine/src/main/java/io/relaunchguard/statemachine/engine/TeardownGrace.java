package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.lifecycle.LifecycleEvent;
import io.relaunchguard.core.process.Activity;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The state that waits for the consenting holder to end by itself. Each time the grace period runs out while the holder
 * makes progress, the launch enters the state anew, until the bound is reached: an old instance that is still saving
 * data is not wedged. The first grace period counts from the consent, each further one from the progress that was seen.
 * A holder that says that it is closing has the time that it names, within the same bound.
 */
final class TeardownGrace extends HolderExitStage {

    private final LaunchPolicy policy;
    private final Closing closing;
    private Observation<Activity> atEntry = Observation.unknown("not entered yet");
    private @Nullable Duration next;
    private @Nullable Long ends;
    private long enteredAt;

    TeardownGrace(Mailbox mailbox, HolderControl holder, LaunchPolicy policy, Closing closing) {
        super(mailbox, holder);
        this.policy = policy;
        this.closing = closing;
    }

    @Override
    void enter() {
        if (holder.hasExited()) {
            mailbox.raise(LifecycleEvent.HOLDER_EXITED);
            return;
        }
        enteredAt = mailbox.nanoTime();
        atEntry = holder.activity();
        Duration left = left();
        Duration grace = next == null
                ? policy.graceAfter(holder.sinceConsent().toOptional().orElse(Duration.ZERO))
                : next;
        mailbox.waitAtMost(grace.compareTo(left) < 0 ? grace : left);
    }

    @Override
    void elapsed() {
        next = madeProgress() ? policy.teardownGrace() : closingLeft();
        if (!next.isZero() && !left().isZero()) {
            mailbox.raise(LifecycleEvent.PROGRESS_SEEN);
        } else {
            holder.readFacts();
            mailbox.raise(LifecycleEvent.WAIT_ELAPSED);
        }
    }

    /** Returns what is left of the bound on the grace period, counted from the first visit of the state. */
    private Duration left() {
        long now = mailbox.nanoTime();
        if (ends == null) {
            ends = now + policy.teardownGraceLimit().toNanos();
        }
        return Duration.ofNanos(Math.max(0, ends - now));
    }

    /**
     * Returns how much longer the holder may take by its own word, because it is closing: long enough to see progress,
     * or not at all.
     */
    private Duration closingLeft() {
        Duration left = closing.left(holder.identity());
        Duration least = policy.graceAfter(policy.teardownGrace());
        return left.isZero() || left.compareTo(least) > 0 ? left : least;
    }

    private boolean madeProgress() {
        return atEntry instanceof Observation.Seen<Activity> before
                && holder.activity() instanceof Observation.Seen<Activity> now
                && now.value().isProgressSince(before.value(), Duration.ofNanos(mailbox.nanoTime() - enteredAt));
    }
}
