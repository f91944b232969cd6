package io.relaunchguard.core;

/** Something that is being watched or waited for in the background; closing ends it. Never throws, may be closed twice. */
@FunctionalInterface
public interface Watch extends AutoCloseable {

    @Override
    void close();
}
