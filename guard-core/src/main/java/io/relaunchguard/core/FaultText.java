package io.relaunchguard.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What broke, in words for people. */
public final class FaultText {

    /** More causes than a fault has; they may go in a circle. */
    private static final int MOST_CAUSES = 20;

    private FaultText() {}

    /**
     * The fault, with the cause at its root where it is one of classes or libraries that cannot be loaded, because such an error
     * itself says nothing; and with what helps, where that is known.
     */
    public static String of(Throwable fault) {
        String cause = fault instanceof LinkageError
                ? root(fault).map(root -> ", caused by " + named(root)).orElse("")
                : "";
        return named(fault) + cause + remedy(fault);
    }

    /** The option that helps, as the end of a sentence; empty where none is known. */
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
