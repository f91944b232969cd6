package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.successor.Restart;
import io.relaunchguard.core.successor.StartFacts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The way to start this very process once more. */
final class OwnRestart {

    private OwnRestart() {}

    /** Returns the command, after checking that everything it needs is there. */
    static Restart.Known of(Platform platform) throws RestartRefusedException {
        Optional<String> hindrance = platform.startHindrance();
        if (hindrance.isPresent()) {
            throw RestartRefusedException.noSuccessor(hindrance.get());
        }
        return of(new StartFacts(
                platform.ownCommand(),
                System.getProperty("java.home", ""),
                Optional.ofNullable(System.getProperty("jpackage.app-path")),
                System.getProperty("sun.java.command", ""),
                jvmOptions(),
                withoutLinks(System.getenv())));
    }

    /** Resolves the links in these variables, because {@code java.home} has no links either. */
    private static Map<String, String> withoutLinks(Map<String, String> environment) {
        Map<String, String> real = new HashMap<>(environment);
        for (String name : List.of("APPDIR", "SNAP")) {
            real.computeIfPresent(name, (same, directory) -> {
                try {
                    return Path.of(directory).toRealPath().toString();
                } catch (IOException e) {
                    return directory;
                }
            });
        }
        return real;
    }

    /** Returns the command that follows from these facts, after the same check. */
    static Restart.Known of(StartFacts facts) throws RestartRefusedException {
        Restart restart = Restart.of(facts);
        if (restart instanceof Restart.Refused refused) {
            throw RestartRefusedException.inTheSameWay(refused.reason());
        }
        Restart.Known known = (Restart.Known) restart;
        requireDirectory(Path.of(known.directory()));
        for (String file : known.files()) {
            if (!Files.isReadable(Path.of(file))) {
                throw RestartRefusedException.inTheSameWay("\"%s\" is not there, or cannot be read".formatted(file));
            }
        }
        return known;
    }

    private static void requireDirectory(Path directory) throws RestartRefusedException {
        if (!Files.isDirectory(directory)) {
            throw RestartRefusedException.inTheSameWay("its working directory \"%s\" is gone".formatted(directory));
        }
    }

    private static List<String> jvmOptions() throws RestartRefusedException {
        try {
            return ManagementFactory.getRuntimeMXBean().getInputArguments();
        } catch (LinkageError e) {
            throw RestartRefusedException.inTheSameWay(
                    "its JVM's options cannot be read without the module java.management, so a port may be among them");
        }
    }
}
