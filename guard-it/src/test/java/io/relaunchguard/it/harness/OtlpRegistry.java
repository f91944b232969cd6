package io.relaunchguard.it.harness;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Micrometer's registry for OTLP, and what Spring Boot 4 makes it with, in a new project. They are not on the class path of the
 * tests, where they would push too.
 */
public final class OtlpRegistry {

    private OtlpRegistry() {}

    /** The start of a command that runs a class of a new project that has it. */
    public static List<String> java() throws IOException {
        List<String> classPath = new ArrayList<>(FreshProject.classPath());
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("relaunchguard.otlp")))) {
            jars.map(Path::toString).sorted().forEach(classPath::add);
        }
        // What it writes with; the tests read with the same.
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> entry.contains("opentelemetry-proto") || entry.contains("protobuf-java"))
                .forEach(classPath::add);
        return FreshProject.java(classPath);
    }
}
