package io.relaunchguard.core;

/** A background activity that watches or waits; {@code close} ends it. {@code close} is idempotent and never throws. */
@FunctionalInterface
public interface Watch extends AutoCloseable {

    @Override
    void close();
}
