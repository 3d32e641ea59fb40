#pragma once

#include <QtCore/QObject>

namespace app
{

/// SIGINT and SIGTERM as a Qt signal on the thread that made it. One per process.
class Signals final : public QObject
{
    Q_OBJECT

public:
    explicit Signals(QObject *parent = nullptr);
    ~Signals() override;

signals:
    void terminationRequested();
};

} // namespace app
