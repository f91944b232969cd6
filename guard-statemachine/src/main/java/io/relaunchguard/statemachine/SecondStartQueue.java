package io.relaunchguard.statemachine;

import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.Desktop;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartPort;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The queue that gives second starts to the application one at a time. It does so away from the thread that listens,
 * because that thread must be able to report the arrival of a start while the application hangs. Second starts that
 * come before the application has started wait for it. Second starts that come once it is closing receive that answer.
 * The queue has a thread only while there is something to do. Thread-safe.
 */
final class SecondStartQueue implements SecondStartPort.Receiver, AutoCloseable {

    /** The maximum number of waiting second starts; the queue refuses more. */
    static final int MOST_WAITING = 8;

    private static final Log logger = LogFactory.getLog(SecondStartQueue.class);

    private final Desktop desktop;
    private final Deque<Waiting> early = new ArrayDeque<>();
    private final ThreadPoolExecutor executor;
    private @Nullable SecondStartHandler handler;
    private boolean closing;

    private record Waiting(SecondStart start, SecondStartPort.Asker asker) {}

    /**
     * Creates the queue of an application that is starting.
     *
     * @param desktop the desktop that shows its windows; {@link Desktop#NONE} if it has none
     */
    SecondStartQueue(Desktop desktop) {
        this(desktop, SecondStartQueue::thread);
    }

    SecondStartQueue(Desktop desktop, ThreadFactory threads) {
        this.desktop = desktop;
        this.executor =
                new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), threads);
    }

    /**
     * Notes that the application has started, and that this handler deals with second starts. Only the first call of a
     * start counts.
     */
    synchronized void deliverTo(SecondStartHandler started) {
        if (handler == null && !closing) {
            handler = started;
            early.forEach(this::enqueue);
            early.clear();
        }
    }

    /**
     * Notes that the application starts again. New second starts, and those that have not had their turn, wait for it.
     */
    synchronized void startAgain() {
        handler = null;
    }

    /**
     * Notes that the application is closing. New second starts, and those that have not had their turn, receive that
     * answer.
     */
    synchronized void closing() {
        closing = true;
        early.forEach(SecondStartQueue::tellOfClosing);
        early.clear();
    }

    @Override
    public synchronized void received(SecondStart start, SecondStartPort.Asker asker) {
        Waiting waiting = new Waiting(start, asker);
        if (closing) {
            tellOfClosing(waiting);
        } else if (handler != null) {
            enqueue(waiting);
        } else {
            early.removeIf(other -> !other.asker().isWaiting());
            if (early.size() < MOST_WAITING) {
                early.add(waiting);
                asker.answer(Reply.of(Answer.STARTING));
            } else {
                refuseAsTooMany(asker);
            }
        }
    }

    @Override
    public void troubled(Exception cause) {
        logger.warn("Second starts of this application are not heard for now", cause);
    }

    @Override
    public void failed(Throwable cause) {
        logger.warn("Second starts of this application are not heard any more", cause);
    }

    @Override
    public void close() {
        closing();
        var unused = executor.shutdownNow();
    }

    private void enqueue(Waiting waiting) {
        try {
            executor.execute(() -> serve(waiting));
        } catch (RejectedExecutionException e) {
            refuseAsTooMany(waiting.asker());
        } catch (OutOfMemoryError e) {
            // No thread can be started for now. The queue refuses the second starts in it, so that they wait no longer.
            waiting.asker()
                    .answer(Reply.of(
                            Answer.REFUSED, "the running instance cannot receive the start: " + e.getMessage()));
        }
    }

    private void serve(Waiting waiting) {
        SecondStartPort.Asker asker = waiting.asker();
        SecondStartHandler started = current();
        if (started == null) {
            received(waiting.start(), asker);
        } else if (asker.isWaiting()) {
            // A second start that waits no longer has told its user so: nothing may come of it any more.
            asker.answer(Reply.of(Answer.RECEIVED));
            asker.answer(handle(started, waiting.start()));
        }
    }

    private synchronized @Nullable SecondStartHandler current() {
        return closing ? null : handler;
    }

    private Reply handle(SecondStartHandler started, SecondStart start) {
        if (desktop.isHiddenFrom(start.desktop())) {
            return Reply.of(Answer.ELSEWHERE, "it runs on " + desktop.where());
        }
        try {
            started.secondStart(start);
            return Reply.of(Answer.ACCEPTED);
        } catch (Throwable t) {
            logger.warn("A second start of this application was not dealt with", t);
            return Reply.of(Answer.REFUSED, "the running instance could not handle the start: " + t.getMessage());
        }
    }

    private static void tellOfClosing(Waiting waiting) {
        waiting.asker().answer(Reply.of(Answer.CLOSING));
    }

    private static void refuseAsTooMany(SecondStartPort.Asker asker) {
        asker.answer(
                Reply.of(Answer.REFUSED, "%d others wait for the running instance already".formatted(MOST_WAITING)));
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "relaunch-guard-second-start-handler");
        thread.setDaemon(true);
        return thread;
    }
}
