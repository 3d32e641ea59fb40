#include <type_traits>

#include <QtTest/QTest>

#include "core/net/secret.h"

using namespace core;

static_assert(!std::is_copy_constructible_v<net::Secret>);
static_assert(!std::is_copy_assignable_v<net::Secret>);
static_assert(!std::is_convertible_v<net::Secret, std::string>);

class TestSecret : public QObject
{
    Q_OBJECT
private slots:
    void handsOutWhatItWasGiven()
    {
        const net::Secret secret("abc");
        QVERIFY(secret.expose() == "abc");
        QVERIFY(net::Secret().empty());
    }

    void movingLeavesNothingBehind()
    {
        net::Secret one("abc");
        const char *bytes = one.expose().data();
        net::Secret other(std::move(one));
        QVERIFY(one.empty()); // NOLINT(bugprone-use-after-move): that is what is tested
        QVERIFY(other.expose() == "abc");
        QCOMPARE(static_cast<const void *>(other.expose().data()), static_cast<const void *>(bytes));
        other = net::Secret("de");
        QVERIFY(other.expose() == "de");
    }
};

QTEST_APPLESS_MAIN(TestSecret)
#include "tst_secret.moc"
