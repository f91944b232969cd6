package io.relaunchguard.core.successor;

import io.relaunchguard.core.Observation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was seen of the way in which this process was started.
 *
 * @param command its own command
 * @param javaHome {@code java.home}
 * @param jpackageLauncher {@code jpackage.app-path}, which a launcher made by jpackage sets
 * @param mainAndArguments {@code sun.java.command}: the main class, the jar or the module, and the program's arguments, with
 *     a space before each
 * @param jvmOptions the JVM's options, wherever they come from
 * @param environment the environment
 */
public record StartFacts(
        Observation<OwnCommand> command,
        String javaHome,
        Optional<String> jpackageLauncher,
        String mainAndArguments,
        List<String> jvmOptions,
        Map<String, String> environment) {

    /** Keeps its own copies. */
    public StartFacts {
        jvmOptions = List.copyOf(jvmOptions);
        environment = Map.copyOf(environment);
    }
}
