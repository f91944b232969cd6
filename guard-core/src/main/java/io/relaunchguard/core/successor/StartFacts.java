package io.relaunchguard.core.successor;

import io.relaunchguard.core.Observation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The facts about how this process was started.
 *
 * @param command the command of this process
 * @param javaHome {@code java.home}
 * @param jpackageLauncher {@code jpackage.app-path}, which a launcher made by jpackage sets
 * @param mainAndArguments {@code sun.java.command}: the main class, the JAR file or the module, and the program's
 *     arguments, each after a space
 * @param jvmOptions the JVM options, from every source
 * @param environment the environment
 */
public record StartFacts(
        Observation<OwnCommand> command,
        String javaHome,
        Optional<String> jpackageLauncher,
        String mainAndArguments,
        List<String> jvmOptions,
        Map<String, String> environment) {

    /** Copies the collections, so that the facts are immutable. */
    public StartFacts {
        jvmOptions = List.copyOf(jvmOptions);
        environment = Map.copyOf(environment);
    }
}
