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
 * Asks who is at the other end, on a thread of its own: the user database may be on a server that does not answer, and then
 * that thread is lost, but no other. The thread is there only while there is something to do.
 */
final class PeerCheck implements AutoCloseable {

    private static final int MOST_WAITING = 64;

    private final Question question;
    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            0, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), PeerCheck::thread);

    /** What is asked. */
    @FunctionalInterface
    interface Question {

        boolean isThisUser(SocketChannel channel) throws IOException;
    }

    PeerCheck(Question question) {
        this.question = question;
    }

    /** Asks; the answer may never come. */
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
            // The latter is what Java says where the kernel lets this user, or container, start no more threads.
            answer.completeExceptionally(e);
        }
        return answer;
    }

    /**
     * Asks and waits.
     *
     * @throws IOException if it cannot be told in time
     */
    boolean ask(SocketChannel channel, Duration time) throws IOException {
        try {
            return ask(channel).get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("the user database does not answer", e);
        } catch (ExecutionException e) {
            throw new IOException("it cannot be told who is at the other end: " + e.getCause(), e);
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
