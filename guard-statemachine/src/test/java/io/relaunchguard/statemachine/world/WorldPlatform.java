package io.relaunchguard.statemachine.world;

import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A platform on the class path whose profiles are worlds. The service loader finds it before any real one. */
public final class WorldPlatform implements Platform {

    private static final Map<Path, World> WORLDS = new ConcurrentHashMap<>();

    /** Whether it says that it is for this host. */
    public static volatile boolean current = true;

    /** Why it can start no successor; empty if it can. */
    public static volatile Optional<String> hindrance = Optional.empty();

    /** Called by the service loader. */
    public WorldPlatform() {}

    /** Makes a profile this world. */
    public static void put(Path profile, World world) {
        WORLDS.put(profile, world);
    }

    /** As if nothing had been set. */
    public static void reset() {
        WORLDS.clear();
        current = true;
        hindrance = Optional.empty();
    }

    @Override
    public String name() {
        return "World";
    }

    @Override
    public String pinning() {
        return "a pin of the world";
    }

    @Override
    public boolean isCurrent() {
        return current;
    }

    @Override
    public Path cacheDirectory() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    @Override
    public ProfilePorts open(Path profile) {
        return WORLDS.computeIfAbsent(profile, absent -> new World()).ports(profile);
    }

    @Override
    public Optional<String> startHindrance() {
        return hindrance;
    }

    @Override
    public long startDetached(List<String> command, Path directory) throws IOException {
        throw new IOException("nothing is started in a world");
    }
}
