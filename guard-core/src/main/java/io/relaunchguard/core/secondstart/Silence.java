package io.relaunchguard.core.secondstart;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Duration;

/**
 * The observations of a profile's holder while a second start was handed to it. They decide whether the user may be
 * asked to end the holder. That takes a positive proof; a missing answer alone is none.
 *
 * @param answer the result of handing over the second start
 * @param listener the PID of the process that listens there, as reported by the kernel
 * @param holder the process that the launch found
 * @param before the process behind the handle when it was pinned
 * @param after the process behind the same handle after the question
 * @param progress whether the process made progress for a while after that
 * @param lasted the length of that while
 */
public record Silence(
        HandOver answer,
        Observation<Long> listener,
        ProcessIdentity holder,
        Observation<ProcessIdentity> before,
        Observation<ProcessIdentity> after,
        Observation<Boolean> progress,
        Duration lasted) {

    /** The conclusion from the observations. */
    public sealed interface Judgement {

        /** The user may be asked. */
        record Endable(String proof) implements Judgement {}

        /** The user must not be asked. */
        record Spared(String reason) implements Judgement {}
    }

    /** Judges the observations. */
    public Judgement judge() {
        if (!isHolder(before) || !isHolder(after)) {
            return new Judgement.Spared("the guard could not pin and identify the process while it asked it");
        }
        if (!progress.is(false)) {
            return new Judgement.Spared("it is working, or the guard cannot tell whether it is");
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
            return new Judgement.Spared("the instance that was asked is not known to be this process");
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
