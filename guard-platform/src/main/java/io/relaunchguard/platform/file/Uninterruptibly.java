package io.relaunchguard.platform.file;

/** Waiting for a thread that is about to end, whether or not the caller is interrupted meanwhile. */
public final class Uninterruptibly {

    private Uninterruptibly() {}

    /** Waits; an interrupt is kept for the caller. */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
