"""What texts of ours put between backticks is shown as code; texts of users are shown as they are."""

import pytest

from qwatt.report.escaping import with_code


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>as `qwatt run` does</p>", "<p>as <code>qwatt run</code> does</p>"),
        ("<p>`a` and `b`</p>", "<p><code>a</code> and <code>b</code></p>"),
        ('<p title="of `a`">a ` alone</p>', '<p title="of `a`">a ` alone</p>'),
        ("<p>`a</p><p>b`</p>", "<p>`a</p><p>b`</p>"),
        ("<bdi>my `x`</bdi> `y`", "<bdi>my `x`</bdi> <code>y</code>"),
        ("<pre>`a`</pre><script>`${b}`</script>", "<pre>`a`</pre><script>`${b}`</script>"),
        ("`&lt;b&gt;`", "<code>&lt;b&gt;</code>"),
    ],
)
def test_backticks_become_code_in_text_alone(html, shown):
    assert with_code(html) == shown
    assert with_code(shown) == shown
