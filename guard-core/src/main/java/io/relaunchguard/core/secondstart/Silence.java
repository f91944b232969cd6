package io.relaunchguard.core.secondstart;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Duration;

/**
 * What was seen of the holder of a profile while a second start was handed to it: whether a person may be asked if it is to be
 * ended. That takes a positive proof; that nothing was heard is none.
 *
 * @param listener the id of the process that listens there, by the kernel's word
 * @param holder the process that the launch found
 * @param before what it was when it was pinned
 * @param after what the same pin said after the question
 * @param progress whether it did anything for a while after that
 * @param lasted how long that while was
 */
public record Silence(
        HandOver answer,
        Observation<Long> listener,
        ProcessIdentity holder,
        Observation<ProcessIdentity> before,
        Observation<ProcessIdentity> after,
        Observation<Boolean> progress,
        Duration lasted) {

    /** What follows from it. */
    public sealed interface Judgement {

        /** A person may be asked. */
        record Endable(String proof) implements Judgement {}

        /** Nobody is asked. */
        record Spared(String reason) implements Judgement {}
    }

    /** Judges it. */
    public Judgement judge() {
        if (!isHolder(before) || !isHolder(after)) {
            return new Judgement.Spared("the process could not be held fast and identified while it was asked");
        }
        if (!progress.is(false)) {
            return new Judgement.Spared("it is at work, or that cannot be told");
        }
        if (is(ExecutionState.TRACED, before) || is(ExecutionState.TRACED, after)) {
            return new Judgement.Spared("a debugger holds it");
        }
        if (is(ExecutionState.STOPPED, before) && is(ExecutionState.STOPPED, after)) {
            return new Judgement.Endable("it is stopped");
        }
        if (!(answer instanceof HandOver.Unanswered unanswered)) {
            return new Judgement.Spared("it is not known to be silent");
        }
        if (!unanswered.received()) {
            return new Judgement.Spared("it has not read the request");
        }
        if (!listener.is(holder.pid())) {
            return new Judgement.Spared("whoever was asked is not known to be this process");
        }
        return new Judgement.Endable("it has read the request, has not answered in time, and has done nothing for %d ms"
                .formatted(lasted.toMillis()));
    }

    private boolean isHolder(Observation<ProcessIdentity> seen) {
        return seen.toOptional()
                .filter(identity ->
                        identity.pid() == holder.pid() && identity.start().equals(holder.start()))
                .isPresent();
    }

    private static boolean is(ExecutionState state, Observation<ProcessIdentity> seen) {
        return seen.toOptional().filter(identity -> identity.state() == state).isPresent();
    }
}
