package io.relaunchguard.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Descriptions of failures for users. */
public final class FaultText {

    /** A bound on the number of causes to follow: causes may form a cycle. */
    private static final int MOST_CAUSES = 20;

    private FaultText() {}

    /**
     * Returns the description of a failure. Errors from loading classes or libraries say nothing themselves, so their
     * root cause is added, and an option that helps where one is known.
     */
    public static String of(Throwable fault) {
        String cause = fault instanceof LinkageError
                ? root(fault).map(root -> ", caused by " + named(root)).orElse("")
                : "";
        return named(fault) + cause + remedy(fault);
    }

    /** Returns the option that helps, as the end of a sentence; empty if none is known. */
    private static String remedy(Throwable fault) {
        boolean isDenied = causes(fault).stream().anyMatch(IllegalCallerException.class::isInstance);
        return isDenied ? "; start Java with --enable-native-access=ALL-UNNAMED" : "";
    }

    private static Optional<Throwable> root(Throwable fault) {
        List<Throwable> causes = causes(fault);
        return causes.size() == 1 ? Optional.empty() : Optional.of(causes.get(causes.size() - 1));
    }

    private static List<Throwable> causes(Throwable fault) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable at = fault; at != null && causes.size() < MOST_CAUSES; at = at.getCause()) {
            causes.add(at);
        }
        return causes;
    }

    private static String named(Throwable fault) {
        String message = fault.getMessage();
        return message == null ? fault.getClass().getName() : fault.getClass().getSimpleName() + ": " + message;
    }
}
