package io.relaunchguard.it.jcef;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.awt.Color;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A site on this computer that a launcher's browser shows. It leaves a cookie, and each visit's page waits for what it is to
 * have as its title next.
 */
final class Site implements AutoCloseable {

    /** Of every page: the colour that its background has on the screen. */
    static final Color COLOUR = new Color(0xE8F1FA);

    private static final String PAGE = """
        <!DOCTYPE html><title>page</title><body style="background: #E8F1FA"><h1>Visit %1$d</h1>
        <p>Cookies from before: %2$s</p><script>
        const next = () => fetch('/next?%1$d').then(r => r.text()).then(t => { document.title = t; next(); });
        fetch('/shown?%1$d').then(next);
        </script>
        """;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger visits = new AtomicInteger();
    private final Map<Integer, String> before = new ConcurrentHashMap<>();
    private final Map<Integer, String> cookies = new ConcurrentHashMap<>();
    private final Map<Integer, BlockingQueue<String>> titles = new ConcurrentHashMap<>();

    Site() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    /** Whether the script in the page of this visit has run. */
    boolean isShown(int visit) {
        return cookies.containsKey(visit);
    }

    /** The cookies that the browser had when it came, at the page's request; "none" on its first. */
    String cookies(int visit) {
        return cookies.getOrDefault(visit, "");
    }

    void title(int visit, String title) {
        titles(visit).add(title);
    }

    @Override
    public String toString() {
        return "pages asked for: " + visits + ", scripts run: " + cookies.size();
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/")) {
            int visit = visits.incrementAndGet();
            String brought =
                    Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Cookie"), "none");
            before.put(visit, brought);
            exchange.getResponseHeaders().add("Set-Cookie", "kept=yes; Max-Age=100000");
            answer(exchange, 200, PAGE.formatted(visit, brought));
        } else if (path.equals("/shown")) {
            int visit = Integer.parseInt(exchange.getRequestURI().getQuery());
            cookies.put(visit, before.get(visit));
            answer(exchange, 200, "");
        } else if (path.equals("/next")) {
            try {
                answer(
                        exchange,
                        200,
                        titles(Integer.parseInt(exchange.getRequestURI().getQuery()))
                                .take());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else {
            answer(exchange, 404, "");
        }
    }

    private BlockingQueue<String> titles(int visit) {
        return titles.computeIfAbsent(visit, absent -> new LinkedBlockingQueue<>());
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
