package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;

/**
 * What has become of a handoff. Only after {@link Claimed} does this process have to end; after everything else nobody has
 * its consent any more, unless it is {@link ConsentMayStand}, and the application goes on.
 *
 * <p>A Spring application hears of each as an event: {@code @EventListener void on(HandoffResult result)}.
 */
public sealed interface HandoffResult {

    /** The same for people. */
    String sentence();

    /**
     * A launcher that lives has claimed the consent, and waits for this process to end. Its watchdog counts from here.
     *
     * @param successor the process id of what was started; unknown if somebody else starts it
     */
    record Claimed(Observation<Long> successor) implements HandoffResult {

        /** Of a successor that this process has started. */
        public Claimed(long successor) {
            this(Observation.seen(successor));
        }

        @Override
        public String sentence() {
            return "The new version is starting%s and waits for this one to end.".formatted(named(successor));
        }
    }

    /**
     * The successor could not be started.
     *
     * @param reason why, in words
     */
    record NotStarted(String reason) implements HandoffResult {
        @Override
        public String sentence() {
            return "The new version could not be started: %s.".formatted(reason);
        }
    }

    /**
     * The successor ended before it asked this process to end. With {@link RelaunchHandoffs} this may follow a {@link Claimed},
     * as long as the application has not begun to close.
     *
     * @param successor the process id that it had
     * @param exitCode what it ended with: 128 and the signal's number if a signal ended it
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
     * No launcher has claimed the consent. The successor may still come up: it finds this process running then, without its
     * consent.
     *
     * @param successor its process id; unknown if somebody else starts it
     * @param reason why no longer was waited
     * @param errors the end of its error output; may be empty
     */
    record NotClaimed(Observation<Long> successor, String reason, String errors) implements HandoffResult {
        @Override
        public String sentence() {
            return "The new version%s did not take over: %s%s".formatted(named(successor), reason, ending(errors));
        }
    }

    /**
     * The handoff has failed, and it is not certain that nobody has the consent any more: repeat {@link
     * RelaunchHandoff#close()} until it succeeds.
     *
     * @param failure what went wrong before
     * @param reason why the consent may stand
     */
    record ConsentMayStand(HandoffResult failure, String reason) implements HandoffResult {
        @Override
        public String sentence() {
            return "%s This application may still be ended by a launcher: %s.".formatted(failure.sentence(), reason);
        }
    }

    private static String named(Observation<Long> successor) {
        return successor.toOptional().map(" (process %d)"::formatted).orElse("");
    }

    private static String ending(String errors) {
        return errors.isEmpty() ? "." : ". It wrote: " + errors;
    }
}
