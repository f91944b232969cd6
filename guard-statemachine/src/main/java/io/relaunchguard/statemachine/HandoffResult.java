package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;

/**
 * The result of a handoff. Only after {@link Claimed} does this process have to end. After any other result except
 * {@link ConsentMayStand}, no other process has its consent any more, and the application goes on.
 *
 * <p>A Spring application receives each result as an event: {@code @EventListener void on(HandoffResult result)}.
 */
public sealed interface HandoffResult {

    /** Returns the result as a sentence for people. */
    String sentence();

    /**
     * The result that a live launcher has claimed the consent and waits for this process to end. The watchdog of this
     * process counts from here.
     *
     * @param successor the PID of the process that was started; unknown if another process starts the successor
     */
    record Claimed(Observation<Long> successor) implements HandoffResult {

        /** Creates the result for a successor that this process has started. */
        public Claimed(long successor) {
            this(Observation.seen(successor));
        }

        @Override
        public String sentence() {
            return "The new version is starting%s and waits for this one to end.".formatted(named(successor));
        }
    }

    /**
     * The result that the successor could not be started.
     *
     * @param reason the reason, in words
     */
    record NotStarted(String reason) implements HandoffResult {
        @Override
        public String sentence() {
            return "The new version could not be started: %s.".formatted(reason);
        }
    }

    /**
     * The result that the successor ended before it asked this process to end. With {@link RelaunchHandoffs} this may
     * follow a {@link Claimed}, as long as the application has not begun to close.
     *
     * @param successor the PID that it had
     * @param exitCode its exit code: 128 and the signal's number if a signal ended it
     * @param errors the end of its error output; may be empty
     */
    record Ended(long successor, Observation<Integer> exitCode, String errors) implements HandoffResult {
        @Override
        public String sentence() {
            return "The new version (process %d) ended before it took over%s%s"
                    .formatted(
                            successor,
                            exitCode.toOptional()
                                    .map(code -> ", with exit code " + code)
                                    .orElse(""),
                            ending(errors));
        }
    }

    /**
     * The result that no launcher has claimed the consent. The successor may still come up. It then finds this process
     * running, without its consent.
     *
     * @param successor its PID; unknown if another process starts the successor
     * @param reason why this process stopped waiting
     * @param errors the end of its error output; may be empty
     */
    record NotClaimed(Observation<Long> successor, String reason, String errors) implements HandoffResult {
        @Override
        public String sentence() {
            return "The new version%s did not take over: %s%s".formatted(named(successor), reason, ending(errors));
        }
    }

    /**
     * The result that the handoff has failed and another process may still have the consent. Repeat
     * {@link RelaunchHandoff#close()} until it succeeds.
     *
     * @param failure what went wrong before
     * @param reason why the consent may stand
     */
    record ConsentMayStand(HandoffResult failure, String reason) implements HandoffResult {
        @Override
        public String sentence() {
            return "%s A launcher may still end this application: %s.".formatted(failure.sentence(), reason);
        }
    }

    private static String named(Observation<Long> successor) {
        return successor.toOptional().map(" (process %d)"::formatted).orElse("");
    }

    private static String ending(String errors) {
        return errors.isEmpty() ? "." : ". It wrote: " + errors;
    }
}
