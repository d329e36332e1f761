"""Addresses of the desk."""

from django.urls import path

from cases import api
from cases.desk import absences, changes, deadline, explanation, feed, imports, law, questions, unit_ladders, views

app_name = "desk"

urlpatterns = [
    path("matters/", views.matters, name="matters"),
    path("matters/find/", views.find, name="find"),
    path("matters/new/", views.new_matter, name="open_matter"),
    path("matters/<int:pk>/", views.matter, name="matter"),
    path("matters/<int:pk>/events/", views.add_event, name="add_event"),
    path("matters/<int:pk>/handlers/", views.add_handler, name="add_handler"),
    path("matters/<int:pk>/events/<int:event_pk>/void/", views.strike_event, name="strike_event"),
    path("clocks/", views.clocks, name="clocks"),
    path("clocks/<int:pk>/", explanation.clock, name="clock"),
    path("limits/", law.limits, name="limits"),
    path("limits/<str:code>/", law.limit, name="limit"),
    path("questions/", questions.questions, name="questions"),
    path("questions/<str:code>/", questions.question, name="question"),
    path("calendar/", law.calendar, name="calendar"),
    path("calendar/<int:year>/", law.calendar, name="calendar_year"),
    path("calendar/<int:year>/notice/", changes.new_notice, name="new_notice"),
    path("limits/<str:code>/version/", changes.new_version, name="new_version"),
    path("changes/", changes.changes, name="changes"),
    path("changes/<int:pk>/", changes.change, name="change"),
    path("absences/", absences.absences, name="absences"),
    path("absences/<int:pk>/end/", absences.end, name="end_absence"),
    path("unit-ladders/", unit_ladders.unit_ladders, name="unit_ladders"),
    path("unit-ladders/<int:pk>/", unit_ladders.unit_ladder, name="unit_ladder"),
    path("calculator/", deadline.calculator, name="calculator"),
    path("feed/", feed.feed, name="feed"),
    path("feed/<str:secret>.ics", feed.feed_dates, name="feed_dates"),
    path("api/deadline", api.deadline, name="api_deadline"),
    path("api/clocks/<int:pk>", api.clock, name="api_clock"),
    path("imports/", imports.imports, name="imports"),
    path("imports/upload/<str:key>/", imports.upload, name="upload"),
    path("imports/<int:pk>/", imports.batch, name="batch"),
    path("imports/<int:pk>/undo/", imports.undo, name="undo"),
    path("imports/<int:pk>/refused.csv", imports.refused_rows, name="refused_rows"),
]
