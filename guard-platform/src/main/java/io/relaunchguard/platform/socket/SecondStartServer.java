package io.relaunchguard.platform.socket;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.core.secondstart.SecondStartCodec.Decoding;
import io.relaunchguard.core.secondstart.SecondStartPort.Receiver;
import io.relaunchguard.platform.file.Uninterruptibly;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * The listening side: one thread that sleeps in the selector until somebody connects, writes or is answered, or a connection's
 * time is over. Whoever connects can cost it a few connections for a few seconds, and no more.
 *
 * <p>The socket's file is left behind: it may be a successor's by then, and a socket that nobody listens on refuses.
 */
final class SecondStartServer implements Watch {

    /** How many are served at a time. */
    static final int MOST_CONNECTIONS = 8;

    /** How long a request may take to arrive. */
    static final Duration TO_ARRIVE = Duration.ofSeconds(2);

    /** How long the application may take to deal with one before nobody waits for it any more. */
    static final Duration TO_BE_ANSWERED = Duration.ofSeconds(30);

    private final ServerSocketChannel server;
    private final Selector selector;
    private final Receiver receiver;
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::serve, "relaunch-guard-second-start");
    private volatile boolean closed;

    private SecondStartServer(ServerSocketChannel server, Selector selector, Receiver receiver) {
        this.server = server;
        this.selector = selector;
        this.receiver = receiver;
    }

    static SecondStartServer start(SocketDirectory directory, Receiver receiver) throws IOException {
        directory.prepare();
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = null;
        SecondStartServer started = null;
        try (ShortPath path = ShortPath.of(directory.socket())) {
            server.bind(path.address(), MOST_CONNECTIONS);
            directory.close();
            server.configureBlocking(false);
            selector = Selector.open();
            server.register(selector, SelectionKey.OP_ACCEPT);
            started = new SecondStartServer(server, selector, receiver);
            started.thread.setDaemon(true);
            started.thread.start();
            return started;
        } finally {
            if (started == null) {
                server.close();
                if (selector != null) {
                    selector.close();
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        if (Thread.currentThread() != thread) {
            Uninterruptibly.join(thread);
        }
    }

    private void serve() {
        try {
            while (!closed) {
                selector.select(this::ready, untilTheNextIsOverdue());
                for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
                    answer.run();
                }
                closeOverdue();
            }
        } catch (IOException | RuntimeException e) {
            receiver.failed(e);
        } finally {
            closeAll();
        }
    }

    private void ready(SelectionKey key) {
        if (!key.isValid()) {
            return;
        }
        if (key.attachment() instanceof Connection connection) {
            connection.read();
        } else {
            accept();
        }
    }

    private void accept() {
        try {
            SocketChannel channel = server.accept();
            if (channel == null) {
                return;
            }
            channel.configureBlocking(false);
            Connection connection = new Connection(channel);
            if (connections() >= MOST_CONNECTIONS || !Peer.isThisUser(channel)) {
                connection.end(Answer.REFUSED);
            } else {
                channel.register(selector, SelectionKey.OP_READ, connection);
            }
        } catch (IOException e) {
            // With the queue still full the selector would come back at once, for ever.
            throw new IllegalStateException("no connection can be accepted", e);
        }
    }

    private long connections() {
        return selector.keys().stream()
                .filter(key -> key.isValid() && key.attachment() != null)
                .count();
    }

    /** In milliseconds as the selector wants it: 0 is for ever. */
    private long untilTheNextIsOverdue() {
        long now = System.nanoTime();
        return selector.keys().stream()
                .filter(key -> key.attachment() instanceof Connection)
                .mapToLong(key -> ((Connection) key.attachment()).deadline - now)
                .map(left -> Math.max(1, TimeUnit.NANOSECONDS.toMillis(left) + 1))
                .min()
                .orElse(0);
    }

    private void closeOverdue() {
        long now = System.nanoTime();
        for (SelectionKey key : selector.keys()) {
            if (key.isValid() && key.attachment() instanceof Connection connection && connection.deadline - now <= 0) {
                connection.end(Answer.REFUSED);
            }
        }
    }

    private void closeAll() {
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Connection connection) {
                connection.end();
            }
        }
        try {
            server.close();
            selector.close();
        } catch (IOException e) {
            // The kernel closes them with the process.
            return;
        }
    }

    /** One that connected; used by the server's thread alone. */
    private final class Connection {

        private final SocketChannel channel;
        private final ByteBuffer request = ByteBuffer.allocate(SecondStartCodec.MAX_BYTES + 1);
        private long deadline = System.nanoTime() + TO_ARRIVE.toNanos();

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        void read() {
            try {
                int length = channel.read(request);
                if (length < 0) {
                    end();
                }
                if (length <= 0) {
                    return;
                }
            } catch (IOException e) {
                end();
                return;
            }
            Decoding decoding = SecondStartCodec.decode(Arrays.copyOf(request.array(), request.position()));
            if (decoding instanceof Decoding.Malformed) {
                end(Answer.REFUSED);
            } else if (decoding instanceof Decoding.Whole whole && answer(Answer.RECEIVED)) {
                deadline = System.nanoTime() + TO_BE_ANSWERED.toNanos();
                receiver.received(whole.start(), answer -> {
                    answers.add(() -> end(answer));
                    selector.wakeup();
                });
            }
        }

        void end(Answer last) {
            if (channel.isOpen() && answer(last)) {
                end();
            }
        }

        void end() {
            try {
                channel.close();
            } catch (IOException e) {
                // The descriptor is gone all the same.
                return;
            }
        }

        /** Whether it could be sent; one byte always fits, unless nobody reads any more. */
        private boolean answer(Answer answer) {
            try {
                if (channel.write(ByteBuffer.wrap(new byte[] {answer.code()})) == 1) {
                    return true;
                }
            } catch (IOException e) {
                // Gone; it is closed below.
            }
            end();
            return false;
        }
    }
}
