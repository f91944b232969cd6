package io.relaunchguard.platform.socket;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Checks which user is at the other end of a connection, on a thread of its own. The user database may be on a server
 * that does not answer; then only that thread is blocked. The thread exists only while there is something to do.
 */
final class PeerCheck implements AutoCloseable {

    private static final int MOST_WAITING = 64;

    private final Question question;
    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            0, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), PeerCheck::thread);

    /** The check to run. */
    @FunctionalInterface
    interface Question {

        boolean isThisUser(SocketChannel channel) throws IOException;
    }

    PeerCheck(Question question) {
        this.question = question;
    }

    /** Starts the check; the answer may never arrive. */
    CompletableFuture<Boolean> ask(SocketChannel channel) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    answer.complete(question.isThisUser(channel));
                } catch (IOException | RuntimeException | LinkageError e) {
                    answer.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // Java throws OutOfMemoryError if the kernel lets this user or container start no more threads.
            answer.completeExceptionally(e);
        }
        return answer;
    }

    /**
     * Runs the check and waits for the answer.
     *
     * @throws IOException if there is no answer in time
     */
    boolean ask(SocketChannel channel, Duration time) throws IOException {
        try {
            return ask(channel).get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("the user database does not answer", e);
        } catch (ExecutionException e) {
            throw new IOException("the user of the connected process cannot be read: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        var unused = executor.shutdownNow();
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "relaunch-guard-peer");
        thread.setDaemon(true);
        return thread;
    }
}
